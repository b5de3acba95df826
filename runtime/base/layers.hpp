// A contiguous range of a model's decoder blocks.
#pragma once

#include <cstdint>
#include <string>

namespace dci {

/// Blocks [first, last). The embedding goes with block 0, the output head with
/// the last block.
struct layer_span {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  constexpr std::uint32_t count() const {
    return last > first ? last - first : 0;
  }
  constexpr bool empty() const {
    return last <= first;
  }
  friend constexpr bool operator==(layer_span, layer_span) = default;
};

/// "[0, 4)"
inline std::string to_string(layer_span s) {
  std::string out = "[";
  out += std::to_string(s.first) + ", " + std::to_string(s.last) + ")";
  return out;
}

} // namespace dci
