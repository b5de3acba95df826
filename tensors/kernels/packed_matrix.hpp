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

/// How one weight is stored. The quantized formats are GGUF's. Blocks of q8_0 and q4_0
/// hold 32 consecutive inputs of one output and one F16 scale: q8_0 has signed bytes,
/// q4_0 has 4 bits minus 8. Blocks of q4_k and q6_k hold 256 inputs (k_blocks.hpp).
enum class weight_format : std::uint8_t { f32, f16, bf16, q8_0, q4_0, q4_k, q6_k };

std::string_view to_string(weight_format format) noexcept;

constexpr bool is_quantized(weight_format format) {
  return format >= weight_format::q8_0;
}

/// Inputs whose bytes share a scale, on the side of the rows; and in one block of q8_0 and q4_0.
inline constexpr std::uint32_t block_inputs = 32;
/// Inputs in one block of q4_k and q6_k.
inline constexpr std::uint32_t k_block_inputs = 256;
/// Outputs in one panel.
inline constexpr std::uint32_t panel_outputs = 32;

/// [outputs, inputs], all zero until pack.hpp fills it. Missing outputs of the
/// last panel stay zero.
class packed_matrix {
 public:
  packed_matrix() = default;
  /// inputs of a quantized format must be whole blocks. Throws std::bad_alloc.
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

} // namespace dci::kernels
