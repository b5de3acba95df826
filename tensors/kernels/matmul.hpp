// Products of rows with a packed weight matrix.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensors/kernels/aligned_buffer.hpp"
#include "tensors/kernels/packed_matrix.hpp"

namespace dci::kernels {

/// Inputs that share a multiplier in byte_rows_view, and how many such parts a block has.
inline constexpr std::uint32_t part_inputs = 8;
inline constexpr std::uint32_t block_parts = block_inputs / part_inputs;
/// Rows that products of tiles take at once.
inline constexpr std::uint32_t rows_in_tile = 16;
/// Of a part, at most: a block's product with weights of eight bits stays below 2^24, so
/// that F32 holds it exactly.
inline constexpr std::int32_t max_multiplier = 16;

/// Rows of F32 numbers. stride: numbers from one row to the next.
struct rows_view {
  const float* data = nullptr;
  std::size_t stride = 0;
  std::uint32_t rows = 0;
};

/// A block of sixteen rows as products of tiles take it.
struct alignas(64) tile_rows_block {
  /// Of each row the high bytes, then the low ones: multiplier * byte = 256 * high + low.
  std::int8_t halves[rows_in_tile][2 * block_inputs];
  float scales[rows_in_tile];
  float totals[rows_in_tile];
};

/// What rows are written as besides bytes, where products of many rows take them so.
enum class byte_row_form {
  bytes, ///< nothing besides
  wide,  ///< multiplier * byte as one number of 16 bits
  tiles, ///< tile_rows_block
};

/// With fewer rows nothing but bytes pays.
inline constexpr std::uint32_t least_rows_in_form = 5;

/// What so many rows are best written as for products with such weights, on the machine and target
/// in use.
byte_row_form form_for(weight_format format, std::uint32_t rows);

/// Rows as signed bytes, with a scale for each block of 32 and a multiplier for each 8: what
/// products with quantized weights take.
struct byte_rows_view {
  const std::int8_t* bytes = nullptr;  ///< [rows][stride]
  const float* scales = nullptr;       ///< [rows][stride / 32]
  const float* totals = nullptr;       ///< the scale times the block's sums, likewise
  const float* sums = nullptr;         ///< multiplier * sum of the bytes, [rows][stride / 8]
  const float* multipliers = nullptr;  ///< likewise
  const std::int32_t* pairs = nullptr; ///< the multiplier twice, as 16-bit numbers, likewise
  const std::int16_t* wide = nullptr;  ///< [rows][stride]; nullptr in other forms
  /// [rows / 16][stride / 32]. nullptr in other forms, and where the first row does not begin a
  /// group of 16.
  const tile_rows_block* tiles = nullptr;
  std::size_t stride = 0;
  std::uint32_t rows = 0;

  /// Without the rows before `row`.
  byte_rows_view from(std::uint32_t row) const;
};

/// Where one row of it is written.
struct byte_row_place {
  std::int8_t* bytes;
  float* scales;
  float* totals;
  float* sums;
  float* multipliers;
  std::int32_t* pairs;
  std::int16_t* wide;     ///< or nullptr
  tile_rows_block* tiles; ///< of the row's group, or nullptr
  std::uint32_t row_in_tile;
};

/// Room for rows rounded to signed bytes: number = scale * multiplier * byte. The scale is the
/// block's largest magnitude / (127 * 16), the multiplier the least whole number with which
/// bytes reach the largest magnitude of its 8. A block below 1e-30 is all zero.
class byte_rows {
 public:
  byte_rows() = default;
  /// For so many rows of up to so many numbers, a multiple of 32.
  byte_rows(std::uint32_t rows, std::uint32_t most_numbers);

  /// Rounds `count` numbers, a multiple of 32, into one row. Different rows may be
  /// rounded by different threads.
  void assign(std::uint32_t row, const float* numbers, std::uint32_t count, byte_row_form form);

  /// form: what the rows were written as.
  byte_rows_view view(std::uint32_t first, std::uint32_t rows, byte_row_form form) const;

 private:
  std::size_t stride_ = 0;
  aligned_array<std::int8_t> bytes_;
  aligned_array<std::int16_t> wide_;
  aligned_array<tile_rows_block> tiles_;
  aligned_array<float> scales_, totals_, sums_, multipliers_;
  aligned_array<std::int32_t> pairs_;
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
/// a row's bytes, times their multipliers, with the weights' numbers is exact; x_scale is the
/// row's scale there:
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
