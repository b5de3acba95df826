// Numbers as F32 into the formats that files have.
#pragma once

#include <cstddef>
#include <span>

#include "tensors/files/dtype.hpp"

namespace dci {

/// Whether write_row can write it: F32, F16, Q8_0 and Q4_0.
constexpr bool is_writable(dtype type) {
  return type == dtype::F32 || type == dtype::F16 || type == dtype::Q8_0 || type == dtype::Q4_0;
}

/// Writes whole blocks of finite numbers: bytes_of(type, row.size()) bytes.
/// Blocks are rounded as GGML's reference does. False when a number or a scale
/// is too large for F16.
bool write_row(dtype type, std::span<const float> row, std::byte* out);

} // namespace dci
