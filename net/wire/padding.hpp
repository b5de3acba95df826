// Bytes that say nothing, so that a question is as long as its answer may be.
#pragma once

#include <cstdint>

namespace dci {

struct padding {
  std::uint32_t bytes = 0;

  friend bool operator==(const padding&, const padding&) = default;
};

} // namespace dci
