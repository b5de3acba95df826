// Numbers of a tensor as F32.
#pragma once

#include <cstdint>
#include <span>

#include "tensors/files/safetensors.hpp"

namespace dci {

/// One row of a matrix: out.size() numbers, whole blocks of a weight type
/// (is_weight_type). A vector is one row.
void read_row(const tensor_view& view, std::uint64_t row, std::span<float> out);

} // namespace dci
