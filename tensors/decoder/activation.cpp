#include "tensors/decoder/activation.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "tensors/kernels/half.hpp"

namespace dci {

static_assert(std::endian::native == std::endian::little,
              "activations travel as little-endian F32");

activation activation::own(std::uint32_t rows, std::uint32_t cols, std::vector<float> values,
                           bool half) {
  auto owner = std::make_shared<std::vector<float>>(std::move(values));
  return adopt(rows, cols, std::shared_ptr<const float>(owner, owner->data()), half);
}

activation activation::adopt(std::uint32_t rows, std::uint32_t cols,
                             std::shared_ptr<const float> data, bool half) {
  activation out;
  out.rows_ = rows;
  out.cols_ = cols;
  out.half_ = half;
  out.data_ = std::move(data);
  return out;
}

expected<activation> activation::from_bytes(std::uint32_t rows, std::uint32_t cols,
                                            std::vector<std::uint8_t> bytes) {
  // Counted in numbers: times four, the largest counts would wrap round to few bytes.
  const auto wanted = std::uint64_t{rows} * cols;
  if (wanted > 0 && bytes.size() % 2 == 0 && bytes.size() / 2 == wanted) {
    std::vector<float> values(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, bytes.data() + 2 * i, sizeof(bits));
      values[i] = kernels::f32_from_f16(bits);
    }
    return own(rows, cols, std::move(values), true);
  }
  if (bytes.size() % sizeof(float) != 0 || bytes.size() / sizeof(float) != wanted)
    return fail(errc::bad_message, "an activation of " + std::to_string(rows) + " x " +
                                       std::to_string(cols) +
                                       " takes 4 bytes for each number, or 2 as F16; " +
                                       std::to_string(bytes.size()) + " bytes came");
  auto owner = std::make_shared<std::vector<std::uint8_t>>(std::move(bytes));
  // operator new aligns for any scalar, so the bytes can be read as floats in place.
  const auto* first = reinterpret_cast<const float*>(owner->data());
  return adopt(rows, cols, std::shared_ptr<const float>(owner, first));
}

std::vector<std::uint8_t> activation::to_bytes() const {
  const auto source = values();
  if (half_) {
    std::vector<std::uint8_t> out(source.size() * 2);
    for (std::size_t i = 0; i < source.size(); ++i) {
      const auto bits = kernels::f16_from_f32(source[i]);
      std::memcpy(out.data() + 2 * i, &bits, sizeof(bits));
    }
    return out;
  }
  std::vector<std::uint8_t> bytes(source.size_bytes());
  if (!bytes.empty())
    std::memcpy(bytes.data(), source.data(), bytes.size());
  return bytes;
}

bool activation::finite() const {
  for (const auto x : values())
    if (!std::isfinite(x))
      return false;
  return true;
}

} // namespace dci
