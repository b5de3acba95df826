// Products of rows of bytes with quantized panels.
//
// No include guard: included once for each value of DCI_VNNI.
#include "tensors/kernels/byte_dots-inl.hpp"

namespace dci::kernels::HWY_NAMESPACE {
#if DCI_VNNI
namespace with_vnni {
#else
namespace without_vnni {
#endif

// Blocks whose weights fit the first-level cache: of 32 outputs 16 to 20 KiB. Whole groups of
// blocks in every format.
constexpr std::uint32_t tile_blocks = 16;
// Registers: Rows * Vectors sums, as many totals of a block and, with AVX-512's byte products, as
// many of a part, and vectors of weights. The sums may lie in memory.
constexpr std::uint32_t dot_vectors = 2;
constexpr std::uint32_t dot_rows = 4;
constexpr std::uint32_t dot_outputs = dot_vectors * lanes();

struct row_blocks {
  const std::int8_t* bytes;
  const float* scales;
  const float* totals;
  const float* sums;
  const float* multipliers;
  const std::int32_t* pairs;

  row_blocks() = default;
  row_blocks(const byte_rows_view& x, std::uint32_t row)
      : bytes(x.bytes + row * x.stride), scales(x.scales + row * (x.stride / block_inputs)),
        totals(x.totals + row * (x.stride / block_inputs)),
        sums(x.sums + row * (x.stride / part_inputs)),
        multipliers(x.multipliers + row * (x.stride / part_inputs)),
        pairs(x.pairs + row * (x.stride / part_inputs)) {
  }

  HWY_INLINE int_vec four_bytes(std::uint32_t block, std::uint32_t group) const {
    return hn::Set(ints(), read_stored<std::int32_t>(reinterpret_cast<const std::byte*>(bytes) +
                                                     std::size_t{block} * block_inputs +
                                                     group * std::size_t{4}));
  }
  /// How much larger the total of `Parts` parts is where every weight is too large by Bias.
  template <std::int32_t Bias, std::uint32_t Parts>
  HWY_INLINE float_vec excess(std::uint32_t block, std::uint32_t part) const {
    const floats d;
    if constexpr (Bias == 0)
      return hn::Zero(d);
    float sum = 0;
    for (std::uint32_t i = 0; i < Parts; ++i)
      sum += sums[block_parts * block + part + i];
    return hn::Set(d, static_cast<float>(Bias) * sum);
  }
};

// Adds blocks [block, block + count) to Rows x Vectors sums. weights: where the first of them
// begins; y: of the outputs from `o` on.
template <class Blocks, std::uint32_t Rows, std::uint32_t Vectors, class Weights>
HWY_INLINE void add_blocks(const Weights* weights, std::uint32_t o, std::uint32_t block,
                           std::uint32_t count, const row_blocks* rows, float* y,
                           std::size_t y_stride) {
  using dots = byte_dots<Blocks::signed_bytes, Blocks::most>;
  constexpr auto bias = dots::bias + Blocks::offset;
  constexpr bool packed_now = std::is_same_v<Weights, std::byte>;
  constexpr std::uint32_t part_groups = part_inputs / 4;
  constexpr auto scale_parts = block_parts / Blocks::scales;
  const floats d;
  float_vec sums[Rows][Vectors];
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < Vectors; ++v)
    sums[r][v] = block == 0 ? hn::Zero(d) : hn::Load(d, y + r * y_stride + v * lanes());
  for (std::uint32_t i = 0; i < count; ++i) {
    const Blocks stored(weights, i);
    const auto b = block + i;
    if constexpr (packed_now)
      stored.prefetch_next();
    typename dots::total totals[Rows][Vectors];
    DCI_UNROLL
    for (std::uint32_t part = 0; part < block_parts; ++part) {
      if (part % scale_parts == 0) {
        DCI_UNROLL
        for (std::uint32_t r = 0; r < Rows; ++r) {
          const auto sum = rows[r].template excess<bias, scale_parts>(b, part);
          DCI_UNROLL
          for (std::uint32_t v = 0; v < Vectors; ++v)
            totals[r][v] = dots::begin_total(sum);
        }
      }
      int_vec run[Rows][Vectors];
      DCI_UNROLL
      for (std::uint32_t g = 0; g < part_groups; ++g) {
        const auto group = part * part_groups + g;
        DCI_UNROLL
        for (std::uint32_t v = 0; v < Vectors; ++v) {
          const auto word = stored.word(group, o + v * lanes());
          const auto ready = dots::prepare(packed_now ? dots::keep(word) : word);
          DCI_UNROLL
          for (std::uint32_t r = 0; r < Rows; ++r) {
            if (g % dots::run == 0)
              run[r][v] = hn::Zero(ints());
            run[r][v] = dots::add(run[r][v], ready, rows[r].four_bytes(b, group));
            if ((g + 1) % dots::run == 0 || g + 1 == part_groups)
              totals[r][v] = dots::join(totals[r][v], run[r][v],
                                        hn::Set(d, rows[r].multipliers[block_parts * b + part]),
                                        hn::Set(ints(), rows[r].pairs[block_parts * b + part]));
          }
        }
      }
      if ((part + 1) % scale_parts == 0) {
        DCI_UNROLL
        for (std::uint32_t v = 0; v < Vectors; ++v) {
          const auto scale = stored.scale(part / scale_parts, o + v * lanes());
          DCI_UNROLL
          for (std::uint32_t r = 0; r < Rows; ++r)
            sums[r][v] = fused(dots::number(totals[r][v]),
                               hn::Mul(scale, hn::Set(d, rows[r].scales[b])), sums[r][v]);
        }
      }
    }
    if constexpr (Blocks::has_minimums) {
      DCI_UNROLL
      for (std::uint32_t v = 0; v < Vectors; ++v) {
        const auto minimum = hn::Neg(stored.minimum(o + v * lanes()));
        DCI_UNROLL
        for (std::uint32_t r = 0; r < Rows; ++r)
          sums[r][v] = fused(minimum, hn::Set(d, rows[r].totals[b]), sums[r][v]);
      }
    }
  }
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < Vectors; ++v)
    hn::Store(sums[r][v], d, y + r * y_stride + v * lanes());
}

template <class Weights>
using add_blocks_function = void (*)(const Weights*, std::uint32_t, std::uint32_t, std::uint32_t,
                                     const row_blocks*, float*, std::size_t);

template <class Blocks, class Weights, std::uint32_t... Less>
add_blocks_function<Weights> blocks_of(std::uint32_t rows,
                                       std::integer_sequence<std::uint32_t, Less...>) {
  static constexpr add_blocks_function<Weights> all[] = {
      &add_blocks<Blocks, Less + 1, dot_vectors, Weights>...};
  return all[rows - 1];
}

// Blocks [block, block + count) of one panel times all rows. y: of the panel's first output. next:
// what is read after them.
template <class Blocks, class Weights>
void add_panel(const Weights* weights, std::uint32_t block, std::uint32_t count,
               const byte_rows_view& x, float* y, std::size_t y_stride,
               const std::byte* next = nullptr, std::size_t next_bytes = 0) {
  for (std::uint32_t r0 = 0; r0 < x.rows; r0 += dot_rows) {
    prefetch_part(next, next_bytes, r0 / dot_rows, x.rows / dot_rows + 1);
    const auto n = std::min(dot_rows, x.rows - r0);
    row_blocks some[dot_rows];
    for (std::uint32_t r = 0; r < n; ++r)
      some[r] = row_blocks(x, r0 + r);
    const auto add =
        blocks_of<Blocks, Weights>(n, std::make_integer_sequence<std::uint32_t, dot_rows>());
    for (std::uint32_t o = 0; o < panel_outputs; o += dot_outputs)
      add(weights, o, block, count, some, y + r0 * y_stride + o, y_stride);
  }
}

template <weight_format Format, class Dots>
void unpack_blocks(const std::byte* panel, std::uint32_t count, tile_block* tile) {
  for (std::uint32_t b = 0; b < count; ++b) {
    const stored_block<Format> from(panel, b);
    from.prefetch_next();
    auto& to = tile[b];
    for (std::uint32_t o = 0; o < panel_outputs; o += lanes()) {
      DCI_UNROLL
      for (std::uint32_t group = 0; group < block_groups; ++group)
        hn::Store(Dots::keep(from.word(group, o)), ints(), to.words[group] + o);
      DCI_UNROLL
      for (std::uint32_t number = 0; number < from.scales; ++number)
        hn::Store(from.scale(number, o), floats(), to.numbers[number] + o);
      if constexpr (stored_block<Format>::has_minimums)
        hn::Store(from.minimum(o), floats(), to.numbers[1] + o);
    }
  }
}

template <weight_format Format>
void product_of(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
                const byte_rows_view& x, float* y, std::size_t y_stride) {
  constexpr auto layout = layout_of(Format);
  const auto blocks = w.inputs() / block_inputs;
  if (x.rows == 1) {
    constexpr std::uint32_t vectors = panel_outputs / lanes() < 4 ? panel_outputs / lanes() : 4;
    const row_blocks row(x, 0);
    for (auto panel = first; panel < last; ++panel)
      for (std::uint32_t o = 0; o < panel_outputs; o += vectors * lanes())
        add_blocks<stored_block<Format>, 1, vectors>(w.panel(panel), o, 0, blocks, &row,
                                                     y + std::size_t{panel} * panel_outputs + o,
                                                     y_stride);
    return;
  }
  // Few rows are multiplied with weights as they are read.
  if (x.rows <= dot_rows) {
    for (auto panel = first; panel < last; ++panel)
      for (std::uint32_t b = 0; b < blocks; b += tile_blocks)
        add_panel<stored_block<Format>>(w.panel(panel) + layout.header(b), b,
                                        std::min(tile_blocks, blocks - b), x,
                                        y + std::size_t{panel} * panel_outputs, y_stride);
    return;
  }
  using dots = byte_dots<block_traits<Format>::signed_bytes, block_traits<Format>::most>;
  tile_block tile[tile_blocks];
  for_each_weight_tile(
      blocks, first, last, tile_blocks,
      [&](std::uint32_t panel, std::uint32_t b, std::uint32_t count) {
        unpack_blocks<Format, dots>(w.panel(panel) + layout.header(b), count, tile);
        add_panel<unpacked_block<Format>>(tile, b, count, x, y + std::size_t{panel} * panel_outputs,
                                          y_stride, w.panel(panel) + layout.header(b + count),
                                          layout.header(count));
      });
}

void product(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
             const byte_rows_view& x, float* y, std::size_t y_stride) {
  switch (w.format()) {
    case weight_format::q8_0:
      return product_of<weight_format::q8_0>(w, first, last, x, y, y_stride);
    case weight_format::q4_0:
      return product_of<weight_format::q4_0>(w, first, last, x, y, y_stride);
    case weight_format::q4_k:
      return product_of<weight_format::q4_k>(w, first, last, x, y, y_stride);
    case weight_format::q6_k:
      return product_of<weight_format::q6_k>(w, first, last, x, y, y_stride);
    default:
      return;
  }
}

} // namespace with_vnni or without_vnni
} // namespace dci::kernels::HWY_NAMESPACE
