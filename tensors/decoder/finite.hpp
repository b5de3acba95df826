// Looking for numbers that are none.
#pragma once

#include <cstddef>
#include <span>

namespace dci {

/// The index of the first NaN or infinity; values.size() when there is none.
std::size_t first_non_finite(std::span<const float> values);

} // namespace dci
