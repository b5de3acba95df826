// Products of rows of bytes with quantized panels, up to sixteen rows at a time, by AMX's tiles of
// bytes. Included where they may be used.
//
// A row's number is multiplier * byte: of up to 12 bits, so it goes as two signed bytes, 256 * high
// + low, through two products of tiles. Both are exact, as is what they add up to.

namespace dci::kernels::HWY_NAMESPACE::with_tiles {

constexpr std::uint32_t tile_outputs = 16;
static_assert(lanes() == tile_outputs && panel_outputs == 2 * tile_outputs);
/// Blocks whose weights, with the sums of their rows, fit the first-level cache.
constexpr std::uint32_t blocks_together = 16;

// Tiles 0 to 3 hold sums, 4 and 5 rows, 6 and 7 weights.
template <std::uint8_t Rows>
struct alignas(64) tile_shapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, block_inputs, block_inputs, 64, 64};
  std::uint8_t rows[16] = {Rows, Rows, Rows, Rows, Rows, Rows, block_groups, block_groups};
};

/// The tiles of this thread for as long as it lives. Given back, they need not be saved.
template <std::uint8_t Rows>
class tiles_in_use {
 public:
  tiles_in_use() {
    static constexpr tile_shapes<Rows> shapes;
    _tile_loadconfig(&shapes);
  }
  ~tiles_in_use() {
    _tile_release();
  }
  tiles_in_use(const tiles_in_use&) = delete;
  tiles_in_use& operator=(const tiles_in_use&) = delete;
};

/// Weights of some blocks of a panel, as signed bytes.
template <weight_format Format>
class tile_weights {
 public:
  static constexpr bool has_minimums = block_traits<Format>::has_minimums;

  void read(const std::byte* panel, std::uint32_t count) {
    const hn::Repartition<std::int8_t, ints> bytes;
    const auto offset = hn::Set(bytes, static_cast<std::int8_t>(block_traits<Format>::offset));
    for (std::uint32_t b = 0; b < count; ++b) {
      const stored_block<Format> from(panel, b);
      from.prefetch_next();
      auto& to = blocks_[b];
      DCI_UNROLL
      for (std::uint32_t o = 0; o < panel_outputs; o += tile_outputs) {
        DCI_UNROLL
        for (std::uint32_t group = 0; group < block_groups; ++group)
          hn::Store(hn::BitCast(ints(), hn::Sub(hn::BitCast(bytes, from.word(group, o)), offset)),
                    ints(), to.words[group] + o);
        hn::Store(from.scale(0, o), floats(), to.scales + o);
        if constexpr (has_minimums)
          hn::Store(from.minimum(o), floats(), to.minimums + o);
      }
    }
    // Loads of tiles do not say what they read.
    asm volatile("" ::: "memory");
  }
  void prefetch_after(std::uint32_t) const {
  }
  /// [block_groups][panel_outputs], four bytes each.
  HWY_INLINE const std::int32_t* words(std::uint32_t block) const {
    return blocks_[block].words[0];
  }
  HWY_INLINE float_vec scale(std::uint32_t block, std::uint32_t o) const {
    return hn::Load(floats(), blocks_[block].scales + o);
  }
  HWY_INLINE float_vec minimum(std::uint32_t block, std::uint32_t o) const {
    return hn::Load(floats(), blocks_[block].minimums + o);
  }

 private:
  struct alignas(64) block {
    std::int32_t words[block_groups][panel_outputs];
    float scales[panel_outputs];
    float minimums[panel_outputs];
  };
  block blocks_[blocks_together];
};

/// These lie in their panel as tiles take them.
template <>
class tile_weights<weight_format::q8_0> {
 public:
  static constexpr bool has_minimums = false;

  void read(const std::byte* panel, std::uint32_t) {
    panel_ = panel;
  }
  HWY_INLINE void prefetch_after(std::uint32_t block) const {
    stored(block).prefetch_next();
  }
  HWY_INLINE const std::int32_t* words(std::uint32_t block) const {
    return reinterpret_cast<const std::int32_t*>(stored(block).record);
  }
  HWY_INLINE float_vec scale(std::uint32_t block, std::uint32_t o) const {
    return stored(block).scale(0, o);
  }

 private:
  HWY_INLINE stored_block<weight_format::q8_0> stored(std::uint32_t block) const {
    return {panel_, block};
  }
  const std::byte* panel_ = nullptr;
};

/// Of one block and half of the outputs: of the rows' high bytes and of their low ones.
template <std::uint32_t Rows>
struct alignas(64) block_products {
  std::int32_t high[Rows][tile_outputs];
  std::int32_t low[Rows][tile_outputs];
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

template <std::uint32_t Rows>
struct alignas(64) row_sums {
  float numbers[Rows][panel_outputs];
};

// Adds one block of half of the outputs.
template <std::uint32_t Rows, class Weights>
HWY_INLINE void add_block(const Weights& w, std::uint32_t block, std::uint32_t o,
                          const block_products<Rows>& products, const tile_rows_block& x,
                          row_sums<Rows>& y) {
  const floats d;
  const ints di;
  const auto scale = w.scale(block, o);
  auto minimum = scale;
  if constexpr (Weights::has_minimums)
    minimum = hn::Neg(w.minimum(block, o));
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r) {
    float* const at = y.numbers[r] + o;
    const auto high = hn::ShiftLeft<8>(hn::Load(di, products.high[r]));
    const auto whole = hn::ConvertTo(d, hn::Add(high, hn::Load(di, products.low[r])));
    auto sum = fused(whole, hn::Mul(scale, hn::Set(d, x.scales[r])), hn::Load(d, at));
    if constexpr (Weights::has_minimums)
      sum = fused(minimum, hn::Set(d, x.totals[r]), sum);
    hn::Store(sum, d, at);
  }
}

// Behind the last rows it asks for what may not be there, which does nothing.
HWY_INLINE void prefetch_rows(const tile_rows_block* next) {
  for (std::size_t at = 0; at < sizeof(*next); at += 64)
    __builtin_prefetch(reinterpret_cast<const char*>(next) + at);
}

// Adds `count` blocks to `rows` rows, at most Rows; the others' sums come to nothing. x: of the
// first row and block; begin: there are no sums yet. While the products of one half of the outputs
// are under way, those of the other half are stored and what was stored before is added.
template <std::uint32_t Rows, class Weights>
HWY_INLINE void add_rows(const Weights& weights, std::uint32_t count, bool begin,
                         const tile_rows_block* x, std::uint32_t rows, float* y,
                         std::size_t y_stride) {
  constexpr auto of_weights = panel_outputs * sizeof(std::int32_t),
                 of_rows = sizeof(tile_rows_block::halves[0]);
  block_products<Rows> first, second;
  row_sums<Rows> sums;
  for (std::uint32_t r = 0; r < rows; ++r)
    if (begin)
      std::fill_n(sums.numbers[r], panel_outputs, 0.0f);
    else
      std::copy_n(y + r * y_stride, panel_outputs, sums.numbers[r]);
  for (auto r = rows; r < Rows; ++r)
    std::fill_n(sums.numbers[r], panel_outputs, 0.0f);
  for (std::uint32_t b = 0; b <= count; ++b) {
    if (b < count) {
      weights.prefetch_after(b);
      prefetch_rows(x + b + 1);
      _tile_loadd(4, x[b].halves[0], of_rows);
      _tile_loadd(5, x[b].halves[0] + block_inputs, of_rows);
      _tile_loadd(6, weights.words(b), of_weights);
      _tile_loadd(7, weights.words(b) + tile_outputs, of_weights);
      DCI_BEGIN_PRODUCTS(0, 1, 6);
    }
    if (b > 0) {
      DCI_STORE_PRODUCTS(2, 3, second);
      add_block<Rows>(weights, b - 1, 0, first, x[b - 1], sums);
    }
    if (b < count) {
      DCI_BEGIN_PRODUCTS(2, 3, 7);
      DCI_STORE_PRODUCTS(0, 1, first);
    }
    if (b > 0)
      add_block<Rows>(weights, b - 1, tile_outputs, second, x[b - 1], sums);
  }
  for (std::uint32_t r = 0; r < rows; ++r)
    std::copy_n(sums.numbers[r], panel_outputs, y + r * y_stride);
}

#undef DCI_BEGIN_PRODUCTS
#undef DCI_STORE_PRODUCTS

/// Rows at a time: 8 or 16.
template <weight_format Format, std::uint32_t Rows>
void product_of(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
                const byte_rows_view& x, float* y, std::size_t y_stride) {
  constexpr auto layout = layout_of(Format);
  const auto blocks = w.inputs() / block_inputs;
  const tiles_in_use<Rows> tiles;
  tile_weights<Format> weights;
  for_each_weight_tile(
      blocks, first, last, blocks_together,
      [&](std::uint32_t panel, std::uint32_t b, std::uint32_t count) {
        const auto* const stored = w.panel(panel) + layout.header(b);
        weights.read(stored, count);
        for (std::uint32_t r = 0; r < x.rows; r += Rows) {
          if (x.rows > Rows)
            prefetch_part(stored + layout.header(count), layout.header(count), r / Rows,
                          (x.rows + Rows - 1) / Rows);
          add_rows<Rows>(weights, count, b == 0, x.from(r).tiles + b, std::min(Rows, x.rows - r),
                         y + r * y_stride + std::size_t{panel} * panel_outputs, y_stride);
        }
      });
}

/// Of weights with one scale a block.
template <weight_format Format>
void product_of(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
                const byte_rows_view& x, float* y, std::size_t y_stride) {
  if (x.rows <= rows_in_tile / 2)
    product_of<Format, rows_in_tile / 2>(w, first, last, x, y, y_stride);
  else
    product_of<Format, rows_in_tile>(w, first, last, x, y, y_stride);
}

} // namespace dci::kernels::HWY_NAMESPACE::with_tiles
