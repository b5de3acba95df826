#include "tensors/files/write_row.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "tensors/kernels/half.hpp"

namespace dci {

namespace {

bool write_half(float value, std::byte* out) {
  const auto bits = kernels::f16_from_f32(value);
  std::memcpy(out, &bits, sizeof bits);
  return (bits & 0x7c00u) != 0x7c00u;
}

// Numbers are rounded with the scale as it was before it became an F16: so it is defined.
bool write_q8_0(std::span<const float> x, std::byte* out) {
  float largest = 0;
  for (const auto number : x)
    largest = std::max(largest, std::abs(number));
  const float scale = largest / 127;
  const float inverse = scale != 0 ? 1 / scale : 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    out[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>(std::round(x[i] * inverse)));
  return write_half(scale, out);
}

bool write_q4_0(std::span<const float> x, std::byte* out) {
  float largest = 0; // by magnitude, with its sign
  for (const auto number : x)
    if (std::abs(number) > std::abs(largest))
      largest = number;
  const float scale = largest / -8;
  const float inverse = scale != 0 ? 1 / scale : 0;
  const auto rounded = [&](float number) {
    return std::min(15, static_cast<int>(static_cast<std::int8_t>(number * inverse + 8.5f)));
  };
  const auto half = x.size() / 2;
  for (std::size_t i = 0; i < half; ++i)
    out[2 + i] = static_cast<std::byte>(rounded(x[i]) | rounded(x[half + i]) << 4);
  return write_half(scale, out);
}

} // namespace

bool write_row(dtype type, std::span<const float> row, std::byte* out) {
  bool fits = true;
  const auto numbers = block_numbers(type);
  for (std::size_t i = 0; i < row.size(); i += numbers, out += block_bytes(type)) {
    if (type == dtype::F32)
      std::memcpy(out, &row[i], sizeof(float));
    else if (type == dtype::F16)
      fits = write_half(row[i], out) && fits;
    else if (type == dtype::Q8_0)
      fits = write_q8_0(row.subspan(i, numbers), out) && fits;
    else
      fits = write_q4_0(row.subspan(i, numbers), out) && fits;
  }
  return fits;
}

} // namespace dci
