#include "tensors/files/read_row.hpp"

#include "tensors/kernels/half.hpp"
#include "tensors/kernels/k_blocks.hpp"

namespace dci {

namespace {

using kernels::read_stored;

float half_at(const std::byte* at) {
  return kernels::f32_from_f16(read_stored<std::uint16_t>(at));
}

void read_q8_0(const std::byte* at, float* out) {
  const float scale = half_at(at);
  for (std::uint32_t i = 0; i < block_numbers(dtype::Q8_0); ++i)
    out[i] = scale * static_cast<float>(read_stored<std::int8_t>(at + 2 + i));
}

// Halves of bytes less 8, of which the low ones come first.
void read_q4_0(const std::byte* at, float* out) {
  const float scale = half_at(at);
  for (std::uint32_t i = 0; i < block_numbers(dtype::Q4_0); ++i) {
    const auto pair = std::to_integer<int>(at[2 + i % 16]);
    out[i] = scale * static_cast<float>((i < 16 ? pair & 15 : pair >> 4) - 8);
  }
}

// Number i of a part of 32.
template <class Block>
float number_at(const Block& block, std::uint32_t part, std::uint32_t i) {
  return static_cast<float>(block.numbers(part, i / 4) >> i % 4 * 8 & 0xffu);
}

void read_q4_k(const std::byte* at, float* out) {
  const kernels::q4_k_block block{at};
  const float scale = kernels::f32_from_f16(block.scale_bits());
  const float minimum = kernels::f32_from_f16(block.minimum_bits());
  for (std::uint32_t i = 0; i < block_numbers(dtype::Q4_K); ++i) {
    const auto part = i / 32;
    out[i] = scale * block.part_scale(part) * number_at(block, part, i % 32) -
             minimum * block.part_minimum(part);
  }
}

void read_q6_k(const std::byte* at, float* out) {
  const kernels::q6_k_block block{at};
  const float scale = kernels::f32_from_f16(block.scale_bits());
  for (std::uint32_t i = 0; i < block_numbers(dtype::Q6_K); ++i) {
    const auto part = i / 32;
    out[i] = scale * block.half_scale(part, i / 16 % 2) *
             (number_at(block, part, i % 32) - static_cast<float>(kernels::q6_k_block::offset));
  }
}

void read_block(dtype type, const std::byte* at, float* out) {
  switch (type) {
    case dtype::F32:
      *out = read_stored<float>(at);
      break;
    case dtype::F16:
      *out = half_at(at);
      break;
    case dtype::BF16:
      *out = kernels::f32_from_bf16(read_stored<std::uint16_t>(at));
      break;
    case dtype::Q8_0:
      return read_q8_0(at, out);
    case dtype::Q4_0:
      return read_q4_0(at, out);
    case dtype::Q4_K:
      return read_q4_k(at, out);
    case dtype::Q6_K:
      return read_q6_k(at, out);
    default:
      break;
  }
}

} // namespace

void read_row(const tensor_view& view, std::uint64_t row, std::span<float> out) {
  const auto numbers = block_numbers(view.type);
  const auto* at = view.bytes.data() + row * (out.size() / numbers) * block_bytes(view.type);
  for (std::size_t i = 0; i < out.size(); i += numbers, at += block_bytes(view.type))
    read_block(view.type, at, out.data() + i);
}

} // namespace dci
