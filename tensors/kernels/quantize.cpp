// Rounding rows to signed bytes.
#include "tensors/kernels/matmul.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/quantize.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <bit>

#include "tensors/kernels/byte_products.hpp"
#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

// A vector of numbers of one part, and one with a number for each part of a block.
constexpr std::size_t part_lanes = lanes() < part_inputs ? lanes() : part_inputs;
using in_part = hn::CappedTag<float, part_inputs>;
using in_part_int = hn::RebindToSigned<in_part>;
constexpr std::size_t across_lanes = lanes() < block_parts ? lanes() : block_parts;
using across = hn::CappedTag<float, block_parts>;
using across_int = hn::RebindToSigned<across>;
static_assert(block_parts == 4);

// Of each part the result of all its numbers, taken two by two; the order makes no difference.
template <class Take>
HWY_INLINE void for_each_part(const std::int32_t* numbers, std::int32_t* results, Take&& take) {
  const across_int d;
#if HWY_TARGET == HWY_SCALAR
  for (std::uint32_t part = 0; part < block_parts; ++part, numbers += part_inputs) {
    auto result = hn::Set(d, numbers[0]);
    for (std::uint32_t i = 1; i < part_inputs; ++i)
      result = take(result, hn::Set(d, numbers[i]));
    results[part] = hn::GetLane(result);
  }
#else
  const hn::RepartitionToWide<across_int> wide;
  hn::Vec<across_int> rows[block_parts];
  DCI_UNROLL
  for (std::uint32_t part = 0; part < block_parts; ++part)
    rows[part] = take(hn::Load(d, numbers + part * part_inputs),
                      hn::Load(d, numbers + part * part_inputs + across_lanes));
  // Four rows of four, the other way round.
  const auto low01 = hn::BitCast(wide, hn::InterleaveLower(d, rows[0], rows[1]));
  const auto low23 = hn::BitCast(wide, hn::InterleaveLower(d, rows[2], rows[3]));
  const auto high01 = hn::BitCast(wide, hn::InterleaveUpper(d, rows[0], rows[1]));
  const auto high23 = hn::BitCast(wide, hn::InterleaveUpper(d, rows[2], rows[3]));
  const auto low = take(hn::BitCast(d, hn::InterleaveLower(wide, low01, low23)),
                        hn::BitCast(d, hn::InterleaveUpper(wide, low01, low23)));
  const auto high = take(hn::BitCast(d, hn::InterleaveLower(wide, high01, high23)),
                         hn::BitCast(d, hn::InterleaveUpper(wide, high01, high23)));
  hn::Store(take(low, high), d, results);
#endif
}

// Where one block goes.
struct block_place {
  std::int8_t* bytes;
  float* sums;
  float* multipliers;
  std::int32_t* pairs;
  std::int16_t* wide;  ///< or nullptr
  std::int8_t* halves; ///< its row of a tile_rows_block, or nullptr
};

template <byte_row_form Form>
HWY_INLINE void zero_block(const block_place& to) {
  std::fill_n(to.bytes, block_inputs, std::int8_t{0});
  std::fill_n(to.sums, block_parts, 0.0f);
  std::fill_n(to.multipliers, block_parts, 1.0f);
  std::fill_n(to.pairs, block_parts, 0x10001);
  if constexpr (Form == byte_row_form::wide)
    std::fill_n(to.wide, block_inputs, std::int16_t{0});
  if constexpr (Form == byte_row_form::tiles)
    std::fill_n(to.halves, 2 * block_inputs, std::int8_t{0});
}

// Returns the scale.
template <byte_row_form Form>
HWY_INLINE float round_block(const float* x, const block_place& to) {
  constexpr float steps = 127.0f * max_multiplier;
  const in_part d;
  const in_part_int di;
  alignas(64) std::int32_t numbers[block_inputs], of_parts[block_parts];
  // Magnitudes are ordered as their bits are, and what is no number is the largest of all.
  DCI_UNROLL
  for (std::uint32_t i = 0; i < block_inputs; i += part_lanes)
    hn::Store(hn::BitCast(di, hn::Abs(hn::LoadU(d, x + i))), di, numbers + i);
  for_each_part(numbers, of_parts, [](auto a, auto b) { return hn::Max(a, b); });
  std::int32_t largest_bits = of_parts[0];
  for (std::uint32_t part = 1; part < block_parts; ++part)
    largest_bits = std::max(largest_bits, of_parts[part]);
  const float largest = std::bit_cast<float>(largest_bits);
  if (largest < 1e-30f) {
    zero_block<Form>(to);
    return 0;
  }

  alignas(16) float inverses[block_parts];
  const across dp;
  for (std::uint32_t part = 0; part < block_parts; part += across_lanes) {
    const auto magnitude = hn::BitCast(dp, hn::Load(across_int(), of_parts + part));
    auto multiplier =
        hn::Ceil(hn::Mul(magnitude, hn::Set(dp, static_cast<float>(max_multiplier) / largest)));
    // Also where it is no number.
    multiplier =
        hn::IfThenElse(hn::Gt(multiplier, hn::Set(dp, 1.0f)), multiplier, hn::Set(dp, 1.0f));
    multiplier = hn::Min(multiplier, hn::Set(dp, static_cast<float>(max_multiplier)));
    hn::Store(multiplier, dp, to.multipliers + part);
    hn::Store(hn::Div(hn::Set(dp, steps / largest), multiplier), dp, inverses + part);
    const auto whole = hn::ConvertTo(across_int(), multiplier);
    hn::Store(hn::Or(whole, hn::ShiftLeft<16>(whole)), across_int(), to.pairs + part);
  }

  const hn::Rebind<std::int8_t, in_part> small;
  const hn::Rebind<std::int16_t, in_part> wide;
  // Added to a number below 2^22, it leaves the nearest whole one in the lowest bits.
  const auto magic = hn::Set(d, 12582912.0f);
  DCI_UNROLL
  for (std::uint32_t i = 0; i < block_inputs; i += part_lanes) {
    const auto part = i / part_inputs;
    const auto scaled = hn::Mul(hn::LoadU(d, x + i), hn::Set(d, inverses[part]));
    const auto whole = hn::Sub(hn::BitCast(di, hn::Add(scaled, magic)), hn::BitCast(di, magic));
    hn::Store(whole, di, numbers + i);
    hn::StoreU(hn::DemoteTo(small, whole), small, to.bytes + i);
    if constexpr (Form == byte_row_form::bytes)
      continue;
    const auto number = hn::Mul(whole, hn::Set(di, to.pairs[part] & 0xffff));
    if constexpr (Form == byte_row_form::wide) {
      hn::StoreU(hn::DemoteTo(wide, number), wide, to.wide + i);
      continue;
    }
    // 256 * high + low.
    const auto low = hn::ShiftRight<24>(hn::ShiftLeft<24>(number));
    hn::StoreU(hn::DemoteTo(small, low), small, to.halves + block_inputs + i);
    hn::StoreU(hn::DemoteTo(small, hn::ShiftRight<8>(hn::Sub(number, low))), small, to.halves + i);
  }
  alignas(16) std::int32_t sums[block_parts];
  for_each_part(numbers, sums, [](auto a, auto b) { return hn::Add(a, b); });
  for (std::uint32_t part = 0; part < block_parts; part += across_lanes)
    hn::Store(hn::Mul(hn::ConvertTo(dp, hn::Load(across_int(), sums + part)),
                      hn::Load(dp, to.multipliers + part)),
              dp, to.sums + part);
  return largest / steps;
}

template <byte_row_form Form>
void round_blocks(const float* x, std::uint32_t inputs, const byte_row_place& to) {
  for (std::uint32_t b = 0; b < inputs / block_inputs; ++b) {
    const auto first = std::size_t{b} * block_inputs, parts = std::size_t{b} * block_parts;
    constexpr bool in_tiles = Form == byte_row_form::tiles;
    to.scales[b] = round_block<Form>(
        x + first, {to.bytes + first, to.sums + parts, to.multipliers + parts, to.pairs + parts,
                    Form == byte_row_form::wide ? to.wide + first : nullptr,
                    in_tiles ? to.tiles[b].halves[to.row_in_tile] : nullptr});
    float total = 0;
    for (std::uint32_t part = 0; part < block_parts; ++part)
      total += to.sums[parts + part];
    to.totals[b] = to.scales[b] * total;
    if constexpr (in_tiles) {
      to.tiles[b].scales[to.row_in_tile] = to.scales[b];
      to.tiles[b].totals[to.row_in_tile] = to.totals[b];
    }
  }
}

void round_row(const float* x, std::uint32_t inputs, const byte_row_place& to) {
  if (to.tiles != nullptr)
    round_blocks<byte_row_form::tiles>(x, inputs, to);
  else if (to.wide != nullptr)
    round_blocks<byte_row_form::wide>(x, inputs, to);
  else
    round_blocks<byte_row_form::bytes>(x, inputs, to);
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(round_row);

byte_rows::byte_rows(std::uint32_t rows, std::uint32_t most_numbers)
    : stride_(most_numbers), bytes_(rows * stride_), wide_(rows * stride_),
      scales_(rows * (stride_ / block_inputs)), totals_(rows * (stride_ / block_inputs)),
      sums_(rows * (stride_ / part_inputs)), multipliers_(rows * (stride_ / part_inputs)),
      pairs_(rows * (stride_ / part_inputs)) {
  if (best_byte_products() == byte_products::tiles)
    tiles_ = aligned_array<tile_rows_block>((rows + rows_in_tile - 1) / rows_in_tile *
                                            (stride_ / block_inputs));
}

void byte_rows::assign(std::uint32_t row, const float* numbers, std::uint32_t count,
                       byte_row_form form) {
  const auto blocks = stride_ / block_inputs, parts = stride_ / part_inputs;
  HWY_DYNAMIC_DISPATCH(round_row)
  (numbers, count,
   {bytes_.data() + row * stride_, scales_.data() + row * blocks, totals_.data() + row * blocks,
    sums_.data() + row * parts, multipliers_.data() + row * parts, pairs_.data() + row * parts,
    form == byte_row_form::wide ? wide_.data() + row * stride_ : nullptr,
    form == byte_row_form::tiles ? tiles_.data() + row / rows_in_tile * blocks : nullptr,
    row % rows_in_tile});
}

byte_rows_view byte_rows::view(std::uint32_t first, std::uint32_t rows, byte_row_form form) const {
  const byte_rows_view all{bytes_.data(),
                           scales_.data(),
                           totals_.data(),
                           sums_.data(),
                           multipliers_.data(),
                           pairs_.data(),
                           form == byte_row_form::wide ? wide_.data() : nullptr,
                           form == byte_row_form::tiles ? tiles_.data() : nullptr,
                           stride_,
                           first + rows};
  return all.from(first);
}

byte_rows_view byte_rows_view::from(std::uint32_t row) const {
  const auto blocks = stride / block_inputs, parts = stride / part_inputs;
  return {bytes + row * stride,
          scales + row * blocks,
          totals + row * blocks,
          sums + row * parts,
          multipliers + row * parts,
          pairs + row * parts,
          wide == nullptr ? nullptr : wide + row * stride,
          tiles == nullptr || row % rows_in_tile != 0 ? nullptr
                                                      : tiles + row / rows_in_tile * blocks,
          stride,
          rows - row};
}

} // namespace dci::kernels
#endif
