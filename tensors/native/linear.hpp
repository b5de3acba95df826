// A weight matrix with its bias, and the rows it is multiplied with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensors/kernels/matmul.hpp"
#include "tensors/native/compute.hpp"

namespace dci {

struct native_linear {
  kernels::packed_matrix weight;
  std::vector<float> bias; ///< empty where there is none

  bool empty() const {
    return weight.empty();
  }
  std::uint64_t bytes() const {
    return weight.bytes() + bias.size() * sizeof(float);
  }
};

/// The rows at one side of a product: as F32, and as bytes where the weights are
/// quantized.
struct operand {
  kernels::rows_view floats;
  std::uint32_t first_byte_row = 0; ///< of workspace::bytes
  kernels::byte_row_form form = kernels::byte_row_form::bytes;
};

/// One product of several that share their rows.
struct product {
  const native_linear* linear = nullptr;
  row_buffer* out = nullptr;
};

/// Thread `index` rounds its share of the rows to bytes, if one of the products
/// needs them so; a single row every thread rounds for itself. A barrier must
/// follow where there is more than one row.
operand prepare(workspace& memory, kernels::rows_view rows, std::span<const product> products,
                std::uint32_t index, std::uint32_t threads);

/// The panels of product `number` that this thread computes, when the panels of
/// all are dealt out as one.
work_share panels_of(std::span<const product> products, std::size_t number, std::uint32_t index,
                     std::uint32_t threads);

/// Computes this thread's panels of all products, biases included.
void multiply(workspace& memory, const operand& rows, std::span<const product> products,
              std::uint32_t index, std::uint32_t threads);

/// The outputs in these panels.
work_share outputs_of(const native_linear& linear, work_share panels);

} // namespace dci
