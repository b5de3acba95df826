#include "tensors/kernels/pack.hpp"

#include <algorithm>
#include <cstring>

#include "tensors/kernels/k_blocks.hpp"
#include "tensors/kernels/pack_blocks.hpp"

namespace dci::kernels {

namespace {

// Whether the exponent's bits are all ones, that is NaN or infinite.
template <class Bits>
constexpr Bits exponent_mask(weight_format format) {
  if constexpr (sizeof(Bits) == 4)
    return 0x7f800000u;
  else
    return format == weight_format::bf16 ? 0x7f80u : 0x7c00u;
}

struct panel_place {
  std::byte* to;
  std::uint32_t first; ///< output
  std::uint32_t count; ///< outputs
};

// Bits: the unsigned integer as wide as a weight.
template <class Bits>
std::optional<std::uint32_t> pack_floats(const packed_matrix& matrix, const weight_source& source,
                                         panel_place place) {
  const auto inputs = matrix.inputs();
  const auto mask = exponent_mask<Bits>(source.format);
  auto* const to = reinterpret_cast<Bits*>(place.to);
  std::optional<std::uint32_t> bad;
  if (source.transposed) {
    const std::size_t stride = source.stride == 0 ? matrix.outputs() : source.stride;
    for (std::uint32_t k = 0; k < inputs; ++k) {
      auto* const line = to + std::size_t{k} * panel_outputs;
      std::memcpy(line, source.data + (k * stride + place.first) * sizeof(Bits),
                  place.count * sizeof(Bits));
      for (std::uint32_t o = 0; o < place.count; ++o)
        if ((line[o] & mask) == mask && (!bad || place.first + o < *bad))
          bad = place.first + o;
    }
    return bad;
  }
  // A cache line of every row at a time, so that what is written stays near too.
  constexpr std::uint32_t step = 64 / sizeof(Bits);
  for (std::uint32_t k0 = 0; k0 < inputs; k0 += step) {
    const auto n = std::min(step, inputs - k0);
    for (std::uint32_t o = 0; o < place.count; ++o) {
      Bits row[step];
      std::memcpy(row, source.data + (source.row_of(place.first + o) * inputs + k0) * sizeof(Bits),
                  n * sizeof(Bits));
      bool finite = true;
      auto* out = to + std::size_t{k0} * panel_outputs + o;
      for (std::uint32_t i = 0; i < n; ++i, out += panel_outputs) {
        *out = row[i];
        finite = finite && (row[i] & mask) != mask;
      }
      if (!finite && (!bad || place.first + o < *bad))
        bad = place.first + o;
    }
  }
  return bad;
}

} // namespace

std::size_t stored_row_bytes(weight_format format, std::uint32_t inputs) {
  switch (format) {
    case weight_format::f32:
      return std::size_t{inputs} * 4;
    case weight_format::f16:
    case weight_format::bf16:
      return std::size_t{inputs} * 2;
    case weight_format::q8_0:
      return std::size_t{inputs / block_inputs} * (2 + block_inputs);
    case weight_format::q4_0:
      return std::size_t{inputs / block_inputs} * (2 + block_inputs / 2);
    case weight_format::q4_k:
      return inputs / k_block_inputs * q4_k_block::bytes;
    case weight_format::q6_k:
      return inputs / k_block_inputs * q6_k_block::bytes;
  }
  return 0;
}

std::optional<std::uint32_t> pack_panels(packed_matrix& matrix, const weight_source& source,
                                         std::uint32_t first, std::uint32_t last) {
  for (auto panel = first; panel < last; ++panel) {
    const auto output = panel * panel_outputs;
    const panel_place place{matrix.panel(panel), output,
                            std::min(panel_outputs, matrix.outputs() - output)};
    std::optional<std::uint32_t> bad;
    if (is_quantized(source.format))
      bad = pack_blocks(source, {place.to, place.first, place.count, matrix.inputs()});
    else if (source.format == weight_format::f32)
      bad = pack_floats<std::uint32_t>(matrix, source, place);
    else
      bad = pack_floats<std::uint16_t>(matrix, source, place);
    if (bad)
      return bad;
  }
  return std::nullopt;
}

} // namespace dci::kernels
