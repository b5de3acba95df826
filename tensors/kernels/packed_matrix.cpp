#include "tensors/kernels/packed_matrix.hpp"

#include "tensors/kernels/panel_blocks.hpp"

namespace dci::kernels {

namespace {

std::size_t bytes_of_panel(weight_format format, std::uint32_t inputs) {
  const std::size_t numbers = std::size_t{panel_outputs} * inputs;
  switch (format) {
    case weight_format::f32:
      return numbers * 4;
    case weight_format::f16:
    case weight_format::bf16:
      return numbers * 2;
    default:
      return layout_of(format).header(inputs / block_inputs);
  }
}

} // namespace

std::string_view to_string(weight_format format) noexcept {
  switch (format) {
    case weight_format::f32:
      return "F32";
    case weight_format::f16:
      return "F16";
    case weight_format::bf16:
      return "BF16";
    case weight_format::q8_0:
      return "Q8_0";
    case weight_format::q4_0:
      return "Q4_0";
    case weight_format::q4_k:
      return "Q4_K";
    case weight_format::q6_k:
      return "Q6_K";
  }
  return "unknown";
}

packed_matrix::packed_matrix(weight_format format, std::uint32_t outputs, std::uint32_t inputs,
                             buffer_arena& arena)
    : format_(format), outputs_(outputs), inputs_(inputs),
      panel_bytes_(bytes_of_panel(format, inputs)), data_(arena.take(bytes())) {
}

packed_matrix::packed_matrix(weight_format format, std::uint32_t outputs, std::uint32_t inputs)
    : format_(format), outputs_(outputs), inputs_(inputs),
      panel_bytes_(bytes_of_panel(format, inputs)) {
  auto memory = std::make_shared<aligned_buffer>(bytes());
  data_ = {memory, memory->data()};
}

} // namespace dci::kernels
