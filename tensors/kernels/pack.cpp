#include "tensors/kernels/pack.hpp"

#include <algorithm>
#include <cstring>

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

// q4_0 files keep inputs 0 to 15 of a block in the low halves of its 16 bytes and 16 to 31 in
// the high ones, as the panel does: both formats move groups of four bytes.
std::optional<std::uint32_t> pack_blocks(const packed_matrix& matrix, const weight_source& source,
                                         panel_place place) {
  const bool four = source.format == weight_format::q4_0;
  const std::size_t number_bytes = four ? block_inputs / 2 : block_inputs;
  const auto row_bytes = stored_row_bytes(source.format, matrix.inputs());
  const auto block_bytes = panel_block_bytes(source.format);
  std::optional<std::uint32_t> bad;
  for (std::uint32_t b = 0; b < matrix.inputs() / block_inputs; ++b) {
    auto* const to = place.to + b * block_bytes;
    for (std::uint32_t o = 0; o < place.count; ++o) {
      const auto* from =
          source.data + source.row_of(place.first + o) * row_bytes + b * (2 + number_bytes);
      std::uint16_t scale = 0;
      std::memcpy(&scale, from, 2);
      std::memcpy(to + o * std::size_t{2}, &scale, 2);
      if ((scale & 0x7c00u) == 0x7c00u && (!bad || place.first + o < *bad))
        bad = place.first + o;
      for (std::uint32_t group = 0; group < number_bytes / 4; ++group)
        std::memcpy(to + panel_outputs * 2 + q8_place(o, group * 4), from + 2 + group * 4, 4);
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
      bad = pack_blocks(matrix, source, place);
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
