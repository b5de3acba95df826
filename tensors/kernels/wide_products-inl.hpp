// Products of many rows with Q8_0 panels by AVX2's and AVX-512's products of 16-bit numbers.
// Included where they may be used.
//
// Weights are widened once for all rows, and a row's number is multiplier * byte already, so two
// instructions multiply and add; products of bytes take five. Products with fewer bits
// gain nothing: theirs add up in 16 bits.

namespace dci::kernels::HWY_NAMESPACE::with_wide {

using stored = stored_block<weight_format::q8_0>;

/// A block's weights by two inputs.
struct alignas(64) wide_block {
  std::int32_t pairs[block_inputs / 2][panel_outputs];
  float scales[panel_outputs];
};

/// Blocks whose weights, with the rows they are multiplied with, fit the first-level cache.
constexpr std::uint32_t blocks_together = 8;
// Registers: a total of a block for each row and vector. The sums lie in memory.
constexpr std::uint32_t wide_vectors = 2, wide_rows = 4;

// Adds a's pairs times b's. The compiler is kept from multiplying all before it adds any, for which
// there are not the registers.
HWY_INLINE void add_pairs(int_vec& sum, int_vec a, int_vec b) {
#if HWY_TARGET == HWY_AVX3
  sum.raw = _mm512_add_epi32(sum.raw, _mm512_madd_epi16(a.raw, b.raw));
#else
  sum.raw = _mm256_add_epi32(sum.raw, _mm256_madd_epi16(a.raw, b.raw));
#endif
  asm("" : "+v"(sum.raw));
}

// Of every group of four bytes the first two, or the last two, as 16-bit numbers.
struct wide_words {
  int_vec first, second;
};

HWY_INLINE wide_words widened(int_vec words) {
  const ints d;
  const hn::Repartition<std::int16_t, ints> halves;
  const auto bytes = hn::BitCast(halves, words);
  const auto even = hn::ShiftRight<8>(hn::ShiftLeft<8>(bytes)), odd = hn::ShiftRight<8>(bytes);
  const auto odd_first = hn::BitCast(halves, hn::ShiftLeft<16>(hn::BitCast(d, odd)));
  const auto even_second = hn::BitCast(halves, hn::ShiftRight<16>(hn::BitCast(d, even)));
  return {hn::BitCast(d, hn::OddEven(odd_first, even)),
          hn::BitCast(d, hn::OddEven(odd, even_second))};
}

inline void widen(const std::byte* panel, std::uint32_t count, wide_block* out) {
  for (std::uint32_t b = 0; b < count; ++b) {
    const stored from(panel, b);
    from.prefetch_next();
    for (std::uint32_t o = 0; o < panel_outputs; o += lanes()) {
      DCI_UNROLL
      for (std::uint32_t group = 0; group < block_groups; ++group) {
        const auto wide = widened(from.word(group, o));
        hn::Store(wide.first, ints(), out[b].pairs[2 * group] + o);
        hn::Store(wide.second, ints(), out[b].pairs[2 * group + 1] + o);
      }
      hn::Store(from.scale(0, o), floats(), out[b].scales + o);
    }
  }
}

// x, x_scales: of the first of `count` blocks of each row.
struct wide_row {
  const std::int16_t* numbers;
  const float* scales;

  HWY_INLINE int_vec pair(std::uint32_t block, std::uint32_t number) const {
    return hn::Set(ints(), read_stored<std::int32_t>(reinterpret_cast<const std::byte*>(
                               numbers + block * block_inputs + 2 * number)));
  }
};

// Adds `count` blocks to Rows rows. begin: there are no sums yet.
template <std::uint32_t Rows>
HWY_INLINE void add_blocks(const wide_block* weights, std::uint32_t count, std::uint32_t o,
                           bool begin, const wide_row* rows, float* y, std::size_t y_stride) {
  const floats d;
  float_vec sums[Rows][wide_vectors];
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < wide_vectors; ++v)
    sums[r][v] = begin ? hn::Zero(d) : hn::Load(d, y + r * y_stride + v * lanes());
  for (std::uint32_t b = 0; b < count; ++b) {
    const auto& block = weights[b];
    int_vec totals[Rows][wide_vectors];
    DCI_UNROLL
    for (std::uint32_t r = 0; r < Rows; ++r)
      DCI_UNROLL
    for (std::uint32_t v = 0; v < wide_vectors; ++v)
      totals[r][v] = hn::Zero(ints());
    DCI_UNROLL
    for (std::uint32_t pair = 0; pair < block_inputs / 2; ++pair) {
      DCI_UNROLL
      for (std::uint32_t v = 0; v < wide_vectors; ++v) {
        const auto w = hn::Load(ints(), block.pairs[pair] + o + v * lanes());
        DCI_UNROLL
        for (std::uint32_t r = 0; r < Rows; ++r)
          add_pairs(totals[r][v], w, rows[r].pair(b, pair));
      }
    }
    DCI_UNROLL
    for (std::uint32_t v = 0; v < wide_vectors; ++v) {
      const auto scale = hn::Load(d, block.scales + o + v * lanes());
      DCI_UNROLL
      for (std::uint32_t r = 0; r < Rows; ++r)
        sums[r][v] = fused(hn::ConvertTo(d, totals[r][v]),
                           hn::Mul(scale, hn::Set(d, rows[r].scales[b])), sums[r][v]);
    }
  }
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < wide_vectors; ++v)
    hn::Store(sums[r][v], d, y + r * y_stride + v * lanes());
}

template <std::uint32_t Rows>
void add_rows(const wide_block* weights, std::uint32_t block, std::uint32_t count,
              const byte_rows_view& x, std::uint32_t first_row, float* y, std::size_t y_stride) {
  wide_row rows[Rows];
  for (std::uint32_t r = 0; r < Rows; ++r)
    rows[r] = {x.wide + (first_row + r) * x.stride + std::size_t{block} * block_inputs,
               x.scales + (first_row + r) * (x.stride / block_inputs) + block};
  for (std::uint32_t o = 0; o < panel_outputs; o += wide_vectors * lanes())
    add_blocks<Rows>(weights, count, o, block == 0, rows, y + first_row * y_stride + o, y_stride);
}

/// Rows in groups of four, the last ones by fewer.
inline void product(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
                    const byte_rows_view& x, float* y, std::size_t y_stride) {
  constexpr auto layout = layout_of(weight_format::q8_0);
  wide_block weights[blocks_together];
  for_each_weight_tile(w.inputs() / block_inputs, first, last, blocks_together,
                       [&](std::uint32_t panel, std::uint32_t b, std::uint32_t count) {
                         const auto* const from = w.panel(panel) + layout.header(b);
                         auto* const to = y + std::size_t{panel} * panel_outputs;
                         widen(from, count, weights);
                         std::uint32_t r = 0;
                         for (; r + wide_rows <= x.rows; r += wide_rows) {
                           prefetch_part(from + layout.header(count), layout.header(count),
                                         r / wide_rows, x.rows / wide_rows);
                           add_rows<wide_rows>(weights, b, count, x, r, to, y_stride);
                         }
                         if (r + 2 <= x.rows) {
                           add_rows<2>(weights, b, count, x, r, to, y_stride);
                           r += 2;
                         }
                         if (r < x.rows)
                           add_rows<1>(weights, b, count, x, r, to, y_stride);
                       });
}

} // namespace dci::kernels::HWY_NAMESPACE::with_wide
