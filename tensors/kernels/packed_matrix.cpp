#include "tensors/kernels/packed_matrix.hpp"

#include <cstring>

#include "tensors/kernels/half.hpp"

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
    case weight_format::q8_0:
    case weight_format::q4_0:
      return inputs / block_inputs * panel_block_bytes(format);
  }
  return 0;
}

template <class T>
T read(const std::byte* at) {
  T out;
  std::memcpy(&out, at, sizeof out);
  return out;
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

void packed_matrix::row(std::uint32_t output, float* out) const {
  const auto* base = panel(output / panel_outputs);
  const auto o = output % panel_outputs;
  for (std::uint32_t k = 0; k < inputs_; ++k) {
    const auto place = std::size_t{k} * panel_outputs + o;
    switch (format_) {
      case weight_format::f32:
        out[k] = read<float>(base + place * 4);
        break;
      case weight_format::f16:
        out[k] = f32_from_f16(read<std::uint16_t>(base + place * 2));
        break;
      case weight_format::bf16:
        out[k] = f32_from_bf16(read<std::uint16_t>(base + place * 2));
        break;
      case weight_format::q8_0:
      case weight_format::q4_0: {
        const auto* block = base + k / block_inputs * panel_block_bytes(format_);
        const float scale = f32_from_f16(read<std::uint16_t>(block + o * std::size_t{2}));
        const auto* numbers = block + panel_outputs * 2;
        const auto in_block = k % block_inputs;
        if (format_ == weight_format::q8_0) {
          out[k] = scale * static_cast<float>(read<std::int8_t>(numbers + q8_place(o, in_block)));
        } else {
          const auto pair = std::to_integer<int>(numbers[q4_place(o, in_block)]);
          out[k] = scale * static_cast<float>((in_block < 16 ? pair & 15 : pair >> 4) - 8);
        }
        break;
      }
    }
  }
}

} // namespace dci::kernels
