// A weight matrix laid out so that SIMD lanes are outputs.
//
// Outputs are cut into panels of 32. Inside a panel the inputs follow one
// another, and for each input lie the 32 outputs' weights: a product walks a
// panel once, front to back, and every output adds up over the inputs strictly
// in order. One row or many, one thread or many, 4 lanes or 16: the same sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tensors/kernels/aligned_buffer.hpp"

namespace dci::kernels {

/// How one weight is stored. Quantized blocks hold 32 consecutive inputs of one
/// output and one F16 scale: q8_0 has signed bytes, q4_0 has 4 bits minus 8
/// (as in GGUF).
enum class weight_format : std::uint8_t { f32, f16, bf16, q8_0, q4_0 };

std::string_view to_string(weight_format format) noexcept;

constexpr bool is_quantized(weight_format format) {
  return format == weight_format::q8_0 || format == weight_format::q4_0;
}

/// Inputs in one quantized block.
inline constexpr std::uint32_t block_inputs = 32;
/// Outputs in one panel.
inline constexpr std::uint32_t panel_outputs = 32;

/// [outputs, inputs], all zero until pack.hpp fills it. Missing outputs of the
/// last panel stay zero.
class packed_matrix {
 public:
  packed_matrix() = default;
  /// inputs of a quantized format must be a multiple of block_inputs. Throws
  /// std::bad_alloc.
  packed_matrix(weight_format format, std::uint32_t outputs, std::uint32_t inputs,
                buffer_arena& arena);
  /// With memory of its own.
  packed_matrix(weight_format format, std::uint32_t outputs, std::uint32_t inputs);

  weight_format format() const {
    return format_;
  }
  std::uint32_t outputs() const {
    return outputs_;
  }
  std::uint32_t inputs() const {
    return inputs_;
  }
  bool empty() const {
    return outputs_ == 0;
  }
  std::uint32_t panels() const {
    return (outputs_ + panel_outputs - 1) / panel_outputs;
  }
  std::size_t panel_bytes() const {
    return panel_bytes_;
  }
  std::size_t bytes() const {
    return panel_bytes_ * panels();
  }
  const std::byte* panel(std::uint32_t index) const {
    return data_.get() + panel_bytes_ * index;
  }
  std::byte* panel(std::uint32_t index) {
    return data_.get() + panel_bytes_ * index;
  }

 private:
  weight_format format_ = weight_format::f32;
  std::uint32_t outputs_ = 0;
  std::uint32_t inputs_ = 0;
  std::size_t panel_bytes_ = 0;
  std::shared_ptr<std::byte> data_;
};

/// Bytes of one panel's quantized block: 32 F16 scales, then the numbers.
constexpr std::size_t panel_block_bytes(weight_format format) {
  const std::size_t numbers = std::size_t{panel_outputs} * block_inputs;
  return panel_outputs * 2 + (format == weight_format::q4_0 ? numbers / 2 : numbers);
}

/// Where input `k` (within its block) of output `o` (within its panel) lies in
/// the numbers of a q8_0 panel block: groups of four inputs, output by output.
constexpr std::size_t q8_place(std::uint32_t o, std::uint32_t k) {
  return (k / 4) * panel_outputs * 4 + o * 4 + k % 4;
}
/// The same for q4_0. Inputs 0 to 15 are in the low halves of the bytes where
/// q8_0 has them, inputs 16 to 31 in the high halves.
constexpr std::size_t q4_place(std::uint32_t o, std::uint32_t k) {
  return q8_place(o, k % 16);
}

} // namespace dci::kernels
