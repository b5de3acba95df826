// Numbers of a tensor as F32.
#pragma once

#include <cstdint>
#include <span>

#include "tensors/files/safetensors.hpp"

namespace dci {

/// Whether read_row can read it: F32, F16, BF16, Q8_0 and Q4_0.
constexpr bool is_readable(dtype type) {
  return type == dtype::F32 || type == dtype::F16 || type == dtype::BF16 || type == dtype::Q8_0 ||
         type == dtype::Q4_0;
}

/// One row of a matrix: out.size() numbers, whole blocks of a readable type. A
/// vector is one row.
void read_row(const tensor_view& view, std::uint64_t row, std::span<float> out);

} // namespace dci
