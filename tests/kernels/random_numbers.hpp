// Numbers for kernel tests: the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tensors/kernels/aligned_buffer.hpp"
#include "tensors/kernels/half.hpp"
#include "tensors/kernels/pack.hpp"
#include "tensors/kernels/packed_matrix.hpp"

namespace dci::kernels::test {

class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) : state_(seed) {
  }
  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15u;
    auto z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  /// In [-1, 1).
  float next() {
    return static_cast<float>(static_cast<std::int64_t>(bits()) >> 32) * 0x1p-31f;
  }
  std::vector<float> many(std::size_t count) {
    std::vector<float> out(count);
    for (auto& x : out)
      x = next();
    return out;
  }

 private:
  std::uint64_t state_;
};

/// Inputs of one block in a file.
inline std::uint32_t block_of(weight_format format) {
  return !is_quantized(format)                                            ? 1
         : format == weight_format::q4_k || format == weight_format::q6_k ? 256
                                                                          : 32;
}
/// The fewest inputs of whole blocks, at least so many.
inline std::uint32_t whole_blocks(weight_format format, std::uint32_t inputs) {
  const auto block = block_of(format);
  return (inputs + block - 1) / block * block;
}
/// Where a stored block has its F16 scales.
inline std::vector<std::size_t> scale_places(weight_format format) {
  switch (format) {
    case weight_format::q4_k:
      return {0, 2};
    case weight_format::q6_k:
      return {208};
    default:
      return {0};
  }
}

/// Random stored weights of a format, [outputs, inputs].
inline std::vector<std::byte> stored_weights(weight_format format, std::uint32_t outputs,
                                             std::uint32_t inputs, std::uint64_t seed) {
  random_numbers random(seed);
  std::vector<std::byte> out(stored_row_bytes(format, inputs) * outputs);
  const auto put = [&](std::size_t at, auto value) {
    __builtin_memcpy(out.data() + at, &value, sizeof value);
  };
  if (is_quantized(format)) {
    const auto block = stored_row_bytes(format, block_of(format));
    for (std::size_t at = 0; at < out.size(); at += block) {
      for (std::size_t i = 0; i < block; ++i)
        put(at + i, static_cast<std::uint8_t>(random.bits()));
      for (const auto place : scale_places(format))
        put(at + place, f16_from_f32(random.next() * 0.01f));
    }
    return out;
  }
  for (std::size_t i = 0; i < std::size_t{outputs} * inputs; ++i) {
    const float value = random.next();
    if (format == weight_format::f32)
      put(i * 4, value);
    else if (format == weight_format::f16)
      put(i * 2, f16_from_f32(value));
    else
      put(i * 2, static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
  }
  return out;
}

inline packed_matrix packed(weight_format format, std::uint32_t outputs, std::uint32_t inputs,
                            const std::vector<std::byte>& stored) {
  packed_matrix out(format, outputs, inputs);
  pack_panels(out, {format, stored.data(), false}, 0, out.panels());
  return out;
}

inline constexpr weight_format all_formats[] = {
    weight_format::f32,  weight_format::f16,  weight_format::bf16, weight_format::q8_0,
    weight_format::q4_0, weight_format::q4_k, weight_format::q6_k};

} // namespace dci::kernels::test
