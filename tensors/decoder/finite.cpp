#include "tensors/decoder/finite.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace dci {

namespace {

// By the exponent bits, which no fast-math setting can argue away.
bool is_non_finite(float x) {
  constexpr std::uint32_t exponent = 0x7f800000;
  return (std::bit_cast<std::uint32_t>(x) & exponent) == exponent;
}

} // namespace

std::size_t first_non_finite(std::span<const float> values) {
  constexpr std::size_t step = 1024;
  for (std::size_t start = 0; start < values.size(); start += step) {
    const auto part = values.subspan(start, std::min(step, values.size() - start));
    unsigned bad = 0; // no early exit in here, so that it runs in wide registers
    for (const auto x : part)
      bad |= is_non_finite(x);
    if (bad != 0)
      return start +
             static_cast<std::size_t>(std::ranges::find_if(part, is_non_finite) - part.begin());
  }
  return values.size();
}

} // namespace dci
