// Products of rows with a packed weight matrix.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensors/kernels/aligned_buffer.hpp"
#include "tensors/kernels/packed_matrix.hpp"

namespace dci::kernels {

/// Inputs with a sum of their own in byte_rows_view.
inline constexpr std::uint32_t half_block_inputs = block_inputs / 2;

/// Rows of F32 numbers. stride: numbers from one row to the next.
struct rows_view {
  const float* data = nullptr;
  std::size_t stride = 0;
  std::uint32_t rows = 0;
};

/// Rows as signed bytes with a scale for each block of 32: what products with
/// quantized weights take.
struct byte_rows_view {
  const std::int8_t* bytes = nullptr; ///< [rows][stride]
  const float* scales = nullptr;      ///< [rows][stride / 32]
  const float* totals = nullptr;      ///< scale * sum of the bytes, [rows][stride / 32]
  const std::int32_t* sums = nullptr; ///< of 16 bytes each, [rows][stride / 16]
  std::size_t stride = 0;
  std::uint32_t rows = 0;
};

/// Room for rows rounded to signed bytes: number = scale * byte, scale = the
/// block's largest magnitude / 127. A block below 1e-30 is all zero.
class byte_rows {
 public:
  byte_rows() = default;
  /// For so many rows of up to so many numbers, a multiple of 32.
  byte_rows(std::uint32_t rows, std::uint32_t most_numbers);

  /// Rounds `count` numbers, a multiple of 32, into one row. Different rows may be
  /// rounded by different threads.
  void assign(std::uint32_t row, const float* numbers, std::uint32_t count);

  byte_rows_view view(std::uint32_t first, std::uint32_t rows) const {
    const auto blocks = stride_ / block_inputs;
    return {bytes_.data() + first * stride_,
            scales_.data() + first * blocks,
            totals_.data() + first * blocks,
            sums_.data() + first * blocks * 2,
            stride_,
            rows};
  }

 private:
  std::size_t stride_ = 0;
  aligned_array<std::int8_t> bytes_;
  aligned_array<float> scales_, totals_;
  aligned_array<std::int32_t> sums_;
};

/// Most rows of one call of matmul.
inline constexpr std::uint32_t max_matmul_rows = 128;

/// One thread's working memory for products.
class matmul_scratch {
 public:
  static constexpr std::uint32_t tile_inputs = 256, chunk_inputs = 4 * tile_inputs;
  /// Of the rows of a chunk: no power of two, so that they lie in different sets of the cache.
  static constexpr std::size_t row_pitch = chunk_inputs + 16;

  matmul_scratch();
  float* rows() {
    return rows_.data();
  }
  float* tile() {
    return tile_.data();
  }

 private:
  aligned_array<float> rows_, tile_;
};

/// y[r][o] = sum over k of x[r][k] * w[o][k] for the outputs of panels
/// [first, last). k ascends; every step is one fused multiply-add in F32,
/// starting from zero. y_stride: numbers from one row of y to the next, at least
/// 32 * w.panels(): whole panels are written. y on a 64-byte boundary, y_stride
/// a multiple of 32. At most max_matmul_rows rows.
void matmul(const packed_matrix& w, std::uint32_t first, std::uint32_t last, const rows_view& x,
            float* y, std::size_t y_stride, matmul_scratch& scratch);

/// The same with quantized weights. Blocks of 32 inputs ascend. The integer product of
/// a row's bytes with the weights' numbers is exact; x_scale is the row's scale there:
///
///   q8_0, q4_0  y = fma(product, scale * x_scale, y)
///   q4_k        y = fma(product, (scale * part_scale) * x_scale, y), then
///               y = fma(-(minimum * part_minimum), total, y)
///   q6_k        for inputs 0 to 15, then for 16 to 31:
///               y = fma(product, (scale * half_scale) * x_scale, y)
///
/// Every other product is rounded to F32 too; those in parentheses are exact.
void matmul(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
            const byte_rows_view& x, float* y, std::size_t y_stride);

} // namespace dci::kernels
