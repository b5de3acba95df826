// The likeliest token.
#pragma once

#include <cstddef>

namespace dci::kernels {

struct largest {
  std::size_t index = 0; ///< the first of equals
  float value = 0;       ///< NaN when one of the numbers is NaN
};

/// count must not be 0.
largest largest_of(const float* x, std::size_t count);

} // namespace dci::kernels
