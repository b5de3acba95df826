// Products as matmul.hpp defines them, one number at a time, from the bytes of a file.
#pragma once

#include <cstdint>
#include <vector>

#include "tensors/kernels/packed_matrix.hpp"

namespace dci::kernels::test {

struct stored_matrix {
  weight_format format;
  const std::vector<std::byte>& bytes; ///< as stored_weights makes them
  std::uint32_t outputs, inputs;
};

/// [rows][outputs], of rows x[rows][inputs].
std::vector<float> by_definition(const stored_matrix& w, const std::vector<float>& x);

/// The weights of one output of a quantized matrix.
std::vector<double> weights_of(const stored_matrix& w, std::uint32_t output);

} // namespace dci::kernels::test
