// How products read quantized blocks, compiled once for every SIMD target. Every reader has
//
//   parts          integer sums of a block: each of 32 / parts inputs has scales of its own
//   signed_bytes   whether weights are signed bytes; otherwise they are 0 to `most`
//   offset         what every weight is too large by
//   word(group, o) the weights of a group of four inputs, for the outputs from `o` on
//   scale(part, o), and where has_minimums minimum(o), what sums are multiplied with
#if defined(DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP
#undef DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP
#else
#define DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP
#endif

#include "tensors/kernels/k_blocks.hpp"
#include "tensors/kernels/panel_blocks.hpp"
#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

template <weight_format Format>
struct block_traits {
  static constexpr auto format = Format;
  static constexpr bool signed_bytes = Format == weight_format::q8_0;
  static constexpr std::int32_t most = Format == weight_format::q6_k ? 63 : 15; // unless signed
  static constexpr bool has_minimums = Format == weight_format::q4_k;
  static constexpr std::uint32_t parts = Format == weight_format::q6_k ? 2 : 1;
  static constexpr std::int32_t offset = Format == weight_format::q4_0   ? 8
                                         : Format == weight_format::q6_k ? q6_k_block::offset
                                                                         : 0;
};

/// A block as it lies in its panel.
template <weight_format Format>
struct stored_block : block_traits<Format> {
  static constexpr auto layout = layout_of(Format);

  const std::byte* header;
  const std::byte* record;

  HWY_INLINE stored_block(const std::byte* panel, std::uint32_t block)
      : header(panel + layout.header(block)), record(panel + layout.record(block)) {
  }

  HWY_INLINE void prefetch_next() const {
    // A header's first line comes with its first record.
    for (std::size_t line = 0; line < layout.record_bytes() + layout.header_bytes; line += 64)
      prefetch(record - layout.header_bytes + line);
  }

  HWY_INLINE int_vec word(std::uint32_t group, std::uint32_t o) const {
    const ints d;
    if constexpr (Format == weight_format::q8_0)
      return load(group, o);
    const auto pairs = load(halves_group(group), o);
    const auto half = hn::And(halves_shift(group) == 0 ? pairs : hn::ShiftRight<4>(pairs),
                              hn::Set(d, 0x0f0f0f0f));
    if constexpr (Format != weight_format::q6_k)
      return half;
    const auto fours = load(block_groups / 2 + quarters_group(group), o);
    const auto shift = quarters_shift(group);
    const auto quarter = shift == 0   ? hn::ShiftLeft<4>(fours)
                         : shift == 2 ? hn::ShiftLeft<2>(fours)
                         : shift == 4 ? fours
                                      : hn::ShiftRight<2>(fours);
    return hn::Or(half, hn::And(quarter, hn::Set(d, 0x30303030)));
  }

  HWY_INLINE float_vec scale(std::uint32_t part, std::uint32_t o) const {
    const auto scale = half(0, o);
    if constexpr (Format == weight_format::q4_k)
      return hn::Mul(scale, byte<std::uint8_t>(0, o));
    else if constexpr (Format == weight_format::q6_k)
      return hn::Mul(scale, byte<std::int8_t>(part, o));
    else
      return scale;
  }
  HWY_INLINE float_vec minimum(std::uint32_t o) const {
    return hn::Mul(half(1, o), byte<std::uint8_t>(1, o));
  }

 private:
  HWY_INLINE int_vec load(std::uint32_t group, std::uint32_t o) const {
    return hn::Load(ints(), reinterpret_cast<const std::int32_t*>(record + layout.scale_bytes +
                                                                  group_place(o, group)));
  }
  HWY_INLINE float_vec half(std::uint32_t number, std::uint32_t o) const {
    return load_weights(reinterpret_cast<const hwy::float16_t*>(header) + number * panel_outputs +
                        o);
  }
  template <class Byte>
  HWY_INLINE float_vec byte(std::uint32_t number, std::uint32_t o) const {
    const hn::Rebind<Byte, floats> small;
    const auto* at = reinterpret_cast<const Byte*>(record) + number * panel_outputs + o;
    return hn::ConvertTo(floats(), hn::PromoteTo(ints(), hn::LoadU(small, at)));
  }
};

/// What reading a stored block gives, for products of many rows.
struct alignas(64) tile_block {
  std::int32_t words[block_groups][panel_outputs];
  float scales[2][panel_outputs]; ///< of each part, or the scale and the minimum
};

template <weight_format Format>
struct unpacked_block : block_traits<Format> {
  const tile_block& block;

  HWY_INLINE unpacked_block(const tile_block* tile, std::uint32_t number) : block(tile[number]) {
  }
  HWY_INLINE int_vec word(std::uint32_t group, std::uint32_t o) const {
    return hn::Load(ints(), block.words[group] + o);
  }
  HWY_INLINE float_vec scale(std::uint32_t part, std::uint32_t o) const {
    return hn::Load(floats(), block.scales[part] + o);
  }
  HWY_INLINE float_vec minimum(std::uint32_t o) const {
    return hn::Load(floats(), block.scales[1] + o);
  }
};

template <weight_format Format>
void unpack_blocks(const std::byte* panel, std::uint32_t count, tile_block* tile) {
  for (std::uint32_t b = 0; b < count; ++b) {
    const stored_block<Format> from(panel, b);
    from.prefetch_next();
    auto& to = tile[b];
    for (std::uint32_t o = 0; o < panel_outputs; o += lanes()) {
      DCI_UNROLL
      for (std::uint32_t group = 0; group < block_groups; ++group)
        hn::Store(from.word(group, o), ints(), to.words[group] + o);
      DCI_UNROLL
      for (std::uint32_t part = 0; part < from.parts; ++part)
        hn::Store(from.scale(part, o), floats(), to.scales[part] + o);
      if constexpr (stored_block<Format>::has_minimums)
        hn::Store(from.minimum(o), floats(), to.scales[1] + o);
    }
  }
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
