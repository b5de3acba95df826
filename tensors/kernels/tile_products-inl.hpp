// Products of rows of bytes with quantized panels, sixteen rows at a time, by AMX's tiles of
// bytes. Included where they may be used.
//
// A row's number is multiplier * byte: of up to 12 bits, so it goes as two signed bytes, 256 * high
// + low, through two products of tiles. Both are exact, as is what they add up to.

namespace dci::kernels::HWY_NAMESPACE::with_tiles {

constexpr auto tile_rows = rows_in_tile;
constexpr std::uint32_t tile_outputs = 16;
static_assert(lanes() == tile_outputs && panel_outputs == 2 * tile_outputs);

// Tiles 0 to 3 hold sums, 4 and 5 rows, 6 and 7 weights.
struct alignas(64) tile_shapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, block_inputs, block_inputs, 64, 64};
  std::uint8_t rows[16] = {tile_rows, tile_rows, tile_rows,    tile_rows,
                           tile_rows, tile_rows, block_groups, block_groups};
};

/// The tiles of this thread for as long as it lives. Given back, they need not be saved.
class tiles_in_use {
 public:
  tiles_in_use() {
    static constexpr tile_shapes shapes;
    _tile_loadconfig(&shapes);
  }
  ~tiles_in_use() {
    _tile_release();
  }
  tiles_in_use(const tiles_in_use&) = delete;
  tiles_in_use& operator=(const tiles_in_use&) = delete;
};

/// A block's weights as signed bytes.
struct alignas(64) byte_block {
  std::int32_t words[block_groups][panel_outputs];
  float scales[panel_outputs];
  float minimums[panel_outputs];
};

template <weight_format Format>
void unpack(const std::byte* panel, std::uint32_t count, byte_block* out) {
  using traits = block_traits<Format>;
  const hn::Repartition<std::int8_t, ints> bytes;
  const auto offset = hn::Set(bytes, static_cast<std::int8_t>(traits::offset));
  for (std::uint32_t b = 0; b < count; ++b) {
    const stored_block<Format> from(panel, b);
    from.prefetch_next();
    auto& to = out[b];
    DCI_UNROLL
    for (std::uint32_t o = 0; o < panel_outputs; o += tile_outputs) {
      DCI_UNROLL
      for (std::uint32_t group = 0; group < block_groups; ++group)
        hn::Store(hn::BitCast(ints(), hn::Sub(hn::BitCast(bytes, from.word(group, o)), offset)),
                  ints(), to.words[group] + o);
      hn::Store(from.scale(0, o), floats(), to.scales + o);
      if constexpr (traits::has_minimums)
        hn::Store(from.minimum(o), floats(), to.minimums + o);
    }
  }
}

/// Of one block and half of the outputs: of the rows' high bytes and of their low ones.
struct alignas(64) block_products {
  std::int32_t high[tile_rows][tile_outputs];
  std::int32_t low[tile_rows][tile_outputs];
};

// The instructions want tiles by their number in the source.
#define DCI_BEGIN_PRODUCTS(high, low, weights)                                                     \
  _tile_zero(high);                                                                                \
  _tile_zero(low);                                                                                 \
  _tile_dpbssd(high, 4, weights);                                                                  \
  _tile_dpbssd(low, 5, weights)
#define DCI_STORE_PRODUCTS(tile_of_high, tile_of_low, to)                                          \
  _tile_stored(tile_of_high, (to).high, sizeof((to).high[0]));                                     \
  _tile_stored(tile_of_low, (to).low, sizeof((to).low[0]))

struct alignas(64) row_sums {
  float numbers[tile_rows][panel_outputs];
};

// Adds one block of half of the outputs.
template <weight_format Format>
HWY_INLINE void add_block(const byte_block& w, std::uint32_t o, const block_products& products,
                          const tile_rows_block& x, row_sums& y) {
  constexpr bool has_minimums = block_traits<Format>::has_minimums;
  const floats d;
  const ints di;
  const auto scale = hn::Load(d, w.scales + o);
  const auto minimum = has_minimums ? hn::Neg(hn::Load(d, w.minimums + o)) : scale;
  DCI_UNROLL
  for (std::uint32_t r = 0; r < tile_rows; ++r) {
    float* const at = y.numbers[r] + o;
    const auto high = hn::ShiftLeft<8>(hn::Load(di, products.high[r]));
    const auto whole = hn::ConvertTo(d, hn::Add(high, hn::Load(di, products.low[r])));
    auto sum = fused(whole, hn::Mul(scale, hn::Set(d, x.scales[r])), hn::Load(d, at));
    if constexpr (has_minimums)
      sum = fused(minimum, hn::Set(d, x.totals[r]), sum);
    hn::Store(sum, d, at);
  }
}

// Behind the last rows it asks for what may not be there, which does nothing.
HWY_INLINE void prefetch_rows(const tile_rows_block* next) {
  for (std::size_t at = 0; at < sizeof(*next); at += 64)
    __builtin_prefetch(reinterpret_cast<const char*>(next) + at);
}

// Adds `count` blocks from `block` on to sixteen rows. While the products of one half of the
// outputs are under way, those of the other half are stored and what was stored before is added.
template <weight_format Format>
HWY_INLINE void add_rows(const byte_block* weights, std::uint32_t block, std::uint32_t count,
                         const byte_rows_view& x, float* y, std::size_t y_stride) {
  constexpr auto of_weights = sizeof(weights->words[0]),
                 of_rows = sizeof(tile_rows_block::halves[0]);
  const auto* const rows = x.tiles + block;
  block_products first, second;
  row_sums sums;
  for (std::uint32_t r = 0; r < tile_rows; ++r)
    if (block == 0)
      std::fill_n(sums.numbers[r], panel_outputs, 0.0f);
    else
      std::copy_n(y + r * y_stride, panel_outputs, sums.numbers[r]);
  for (std::uint32_t b = 0; b <= count; ++b) {
    if (b < count) {
      prefetch_rows(rows + b + 1);
      _tile_loadd(4, rows[b].halves[0], of_rows);
      _tile_loadd(5, rows[b].halves[0] + block_inputs, of_rows);
      _tile_loadd(6, weights[b].words[0], of_weights);
      _tile_loadd(7, weights[b].words[0] + tile_outputs, of_weights);
      DCI_BEGIN_PRODUCTS(0, 1, 6);
    }
    if (b > 0) {
      DCI_STORE_PRODUCTS(2, 3, second);
      add_block<Format>(weights[b - 1], 0, first, rows[b - 1], sums);
    }
    if (b < count) {
      DCI_BEGIN_PRODUCTS(2, 3, 7);
      DCI_STORE_PRODUCTS(0, 1, first);
    }
    if (b > 0)
      add_block<Format>(weights[b - 1], tile_outputs, second, rows[b - 1], sums);
  }
  for (std::uint32_t r = 0; r < tile_rows; ++r)
    std::copy_n(sums.numbers[r], panel_outputs, y + r * y_stride);
}

#undef DCI_BEGIN_PRODUCTS
#undef DCI_STORE_PRODUCTS

/// All rows, a multiple of sixteen, with weights of one scale a block.
template <weight_format Format>
void product_of(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
                const byte_rows_view& x, float* y, std::size_t y_stride) {
  // With the sums of sixteen rows they fit the first-level cache.
  constexpr std::uint32_t together = 16;
  const auto blocks = w.inputs() / block_inputs;
  const tiles_in_use tiles;
  byte_block weights[together];
  for_each_weight_tile(blocks, first, last, together,
                       [&](std::uint32_t panel, std::uint32_t b, std::uint32_t count) {
                         constexpr auto layout = layout_of(Format);
                         unpack<Format>(w.panel(panel) + layout.header(b), count, weights);
                         // Loads of tiles do not say what they read.
                         asm volatile("" ::: "memory");
                         for (std::uint32_t r = 0; r < x.rows; r += tile_rows) {
                           prefetch_part(w.panel(panel) + layout.header(b + count),
                                         layout.header(count), r / tile_rows, x.rows / tile_rows);
                           add_rows<Format>(weights, b, count, x.from(r),
                                            y + r * y_stride + std::size_t{panel} * panel_outputs,
                                            y_stride);
                         }
                       });
}

} // namespace dci::kernels::HWY_NAMESPACE::with_tiles
