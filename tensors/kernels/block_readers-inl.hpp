// How products read quantized blocks, compiled once for every SIMD target. Every reader has
//
//   scales         how many a block has, each of 32 / scales inputs
//   signed_bytes   whether weights are signed bytes; otherwise they are 0 to `most`
//   offset         what every weight is too large by
//   word(group, o) the weights of a group of four inputs, for the outputs from `o` on
//   scale(number, o), and where has_minimums minimum(o), what sums are multiplied with
#if defined(DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP
#undef DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP
#else
#define DCI_TENSORS_KERNELS_BLOCK_READERS_INL_HPP
#endif

#include <algorithm>

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
  static constexpr std::uint32_t scales = Format == weight_format::q6_k ? 2 : 1;
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

  HWY_INLINE float_vec scale(std::uint32_t number, std::uint32_t o) const {
    const auto scale = half(0, o);
    if constexpr (Format == weight_format::q4_k)
      return hn::Mul(scale, byte<std::uint8_t>(0, o));
    else if constexpr (Format == weight_format::q6_k)
      return hn::Mul(scale, byte<std::int8_t>(number, o));
    else
      return scale;
  }
  HWY_INLINE float_vec minimum(std::uint32_t o) const {
    return hn::Mul(half(1, o), byte<std::uint8_t>(1, o));
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

/// What reading a stored block gives, for products of many rows. Words are what byte_dots keeps.
struct alignas(64) tile_block {
  std::int32_t words[block_groups][panel_outputs];
  float numbers[2][panel_outputs]; ///< the scales, or the scale and the minimum
};

template <weight_format Format>
struct unpacked_block : block_traits<Format> {
  const tile_block& block;

  HWY_INLINE unpacked_block(const tile_block* tile, std::uint32_t number) : block(tile[number]) {
  }
  HWY_INLINE int_vec word(std::uint32_t group, std::uint32_t o) const {
    return hn::Load(ints(), block.words[group] + o);
  }
  HWY_INLINE float_vec scale(std::uint32_t number, std::uint32_t o) const {
    return hn::Load(floats(), block.numbers[number] + o);
  }
  HWY_INLINE float_vec minimum(std::uint32_t o) const {
    return hn::Load(floats(), block.numbers[1] + o);
  }
};

/// Calls f(panel, block, count) for all blocks of the panels, at most `together` at a time, and
/// as many rows as a call takes of so many inputs fit the second-level cache before it goes to the
/// next inputs: sums are read and written again for those only.
template <class F>
HWY_INLINE void for_each_weight_tile(std::uint32_t blocks, std::uint32_t first, std::uint32_t last,
                                     std::uint32_t together, F&& f) {
  constexpr std::uint32_t cached_blocks = 64;
  for (std::uint32_t chunk = 0; chunk < blocks; chunk += cached_blocks) {
    const auto end = std::min(chunk + cached_blocks, blocks);
    for (auto panel = first; panel < last; ++panel)
      for (auto b = chunk; b < end; b += together)
        f(panel, b, std::min(together, end - b));
  }
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
