#include "tensors/files/read_row.hpp"

#include <cstring>

#include "tensors/kernels/half.hpp"

namespace dci {

namespace {

template <class T>
T read(const std::byte* at) {
  T out;
  std::memcpy(&out, at, sizeof out);
  return out;
}

// A scale, then the numbers: signed bytes, or halves of bytes less 8, of which
// the low ones come first.
void read_block(dtype type, const std::byte* at, float* out) {
  const float scale = kernels::f32_from_f16(read<std::uint16_t>(at));
  const auto* numbers = at + 2;
  for (std::uint32_t i = 0; i < block_numbers(type); ++i) {
    if (type == dtype::Q8_0) {
      out[i] = scale * static_cast<float>(read<std::int8_t>(numbers + i));
    } else {
      const auto pair = std::to_integer<int>(numbers[i % 16]);
      out[i] = scale * static_cast<float>((i < 16 ? pair & 15 : pair >> 4) - 8);
    }
  }
}

} // namespace

void read_row(const tensor_view& view, std::uint64_t row, std::span<float> out) {
  const auto numbers = block_numbers(view.type);
  const auto* at = view.bytes.data() + row * (out.size() / numbers) * block_bytes(view.type);
  for (std::size_t i = 0; i < out.size(); i += numbers, at += block_bytes(view.type)) {
    if (view.type == dtype::F32)
      out[i] = read<float>(at);
    else if (view.type == dtype::F16)
      out[i] = kernels::f32_from_f16(read<std::uint16_t>(at));
    else if (view.type == dtype::BF16)
      out[i] = kernels::f32_from_bf16(read<std::uint16_t>(at));
    else
      read_block(view.type, at, out.data() + i);
  }
}

} // namespace dci
