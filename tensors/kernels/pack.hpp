// Stored weights into panels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tensors/kernels/packed_matrix.hpp"

namespace dci::kernels {

/// A matrix as files have it, little-endian: [outputs, inputs] row-major, rows
/// of quantized formats as GGUF blocks.
/// Transposed is [inputs, outputs], for formats that are not quantized.
struct weight_source {
  weight_format format = weight_format::f32;
  const std::byte* data = nullptr; ///< need not be aligned
  bool transposed = false;
  /// Transposed only: numbers from one input to the next; 0 for as many as outputs.
  std::size_t stride = 0;
  /// Not transposed only: where output o lies, as row rows[o]; null where they
  /// are in order.
  const std::uint32_t* rows = nullptr;

  std::size_t row_of(std::uint32_t output) const {
    return rows == nullptr ? output : rows[output];
  }
};

/// Bytes of one output's weights in a file.
std::size_t stored_row_bytes(weight_format format, std::uint32_t inputs);

/// Fills panels [first, last) of a matrix of the source's format. Different
/// panels may be filled by different threads. Returns the output of the first
/// weight or scale that is NaN or infinite, if there is one.
std::optional<std::uint32_t> pack_panels(packed_matrix& matrix, const weight_source& source,
                                         std::uint32_t first, std::uint32_t last);

} // namespace dci::kernels
