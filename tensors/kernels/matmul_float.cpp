// Products with F32, F16 and BF16 weights.
#include "tensors/kernels/matmul.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/matmul_float.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

// Inputs whose weights are unpacked at a time: with 32 outputs 32 KiB, the first-level cache.
constexpr std::uint32_t tile_inputs = matmul_scratch::tile_inputs;
// Inputs of all rows that fit the second-level cache: sums are read and written again for each.
constexpr std::uint32_t chunk_inputs = matmul_scratch::chunk_inputs;
constexpr std::size_t row_pitch = matmul_scratch::row_pitch;
// Rows and vectors of outputs whose sums stay in registers: 24 of 32, or 12 of 16.
constexpr std::uint32_t tile_vectors = lanes() >= 8 ? 2 : 4;
constexpr std::uint32_t tile_rows = lanes() == 8 ? 6 : lanes() == 16 ? 12 : 6;
constexpr std::uint32_t tile_outputs = tile_vectors * lanes();

// One row times `Panels` neighbouring panels: eight sums or more are under way at once.
template <class Weight, std::uint32_t Panels>
HWY_INLINE void one_row(const packed_matrix& w, std::uint32_t first, const float* x, float* y) {
  constexpr auto vectors = panel_outputs / lanes();
  const floats d;
  const Weight* at[Panels];
  float_vec sums[Panels * vectors];
  DCI_UNROLL
  for (std::uint32_t p = 0; p < Panels; ++p)
    at[p] = reinterpret_cast<const Weight*>(w.panel(first + p));
  DCI_UNROLL
  for (auto& sum : sums)
    sum = hn::Zero(d);
  for (std::uint32_t k = 0; k < w.inputs(); ++k) {
    const auto input = hn::Set(d, x[k]);
    DCI_UNROLL
    for (std::uint32_t p = 0; p < Panels; ++p) {
      DCI_UNROLL
      for (std::uint32_t v = 0; v < vectors; ++v)
        sums[p * vectors + v] =
            fused(load_weights(at[p] + v * lanes()), input, sums[p * vectors + v]);
      prefetch(at[p]);
      at[p] += panel_outputs;
    }
  }
  DCI_UNROLL
  for (std::uint32_t i = 0; i < Panels * vectors; ++i)
    hn::Store(sums[i], d, y + std::size_t{first} * panel_outputs + i * lanes());
}

template <class Weight>
void one_row(const packed_matrix& w, std::uint32_t first, std::uint32_t last, const float* x,
             float* y) {
  constexpr std::uint32_t together = lanes() >= 16 ? 4 : 2;
  for (; first + together <= last; first += together)
    one_row<Weight, together>(w, first, x, y);
  for (; first < last; ++first)
    one_row<Weight, 1>(w, first, x, y);
}

// weights: [inputs][32] from the tile's first output; x: [Rows][row_pitch].
template <std::uint32_t Rows>
HWY_INLINE void add_tile(const float* weights, std::uint32_t inputs, const float* x, float* y,
                         std::size_t y_stride, bool begin) {
  const floats d;
  float_vec sums[Rows][tile_vectors];
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < tile_vectors; ++v)
    sums[r][v] = begin ? hn::Zero(d) : hn::Load(d, y + r * y_stride + v * lanes());
  for (std::uint32_t k = 0; k < inputs; ++k) {
    float_vec line[tile_vectors];
    DCI_UNROLL
    for (std::uint32_t v = 0; v < tile_vectors; ++v)
      line[v] = hn::Load(d, weights + v * lanes());
    DCI_UNROLL
    for (std::uint32_t r = 0; r < Rows; ++r) {
      const auto input = hn::Set(d, x[r * row_pitch]);
      DCI_UNROLL
      for (std::uint32_t v = 0; v < tile_vectors; ++v)
        sums[r][v] = fused(line[v], input, sums[r][v]);
    }
    weights += panel_outputs;
    ++x;
  }
  DCI_UNROLL
  for (std::uint32_t r = 0; r < Rows; ++r)
    DCI_UNROLL
  for (std::uint32_t v = 0; v < tile_vectors; ++v)
    hn::Store(sums[r][v], d, y + r * y_stride + v * lanes());
}

using add_tile_function = void (*)(const float*, std::uint32_t, const float*, float*, std::size_t,
                                   bool);

template <std::uint32_t... Less>
add_tile_function tile_of(std::uint32_t rows, std::integer_sequence<std::uint32_t, Less...>) {
  static constexpr add_tile_function all[] = {&add_tile<Less + 1>...};
  return all[rows - 1];
}

// Inputs [k, k + count) of all rows: rows that lie whole pages apart would push one another out of
// the cache.
void gather_rows(const rows_view& x, std::uint32_t k, std::uint32_t count, float* out) {
  for (std::uint32_t r = 0; r < x.rows; ++r)
    std::copy_n(x.data + r * x.stride + k, count, out + std::size_t{r} * row_pitch);
}

template <class Weight>
const float* unpack(const Weight* panel, std::uint32_t count, float* tile) {
  if constexpr (std::is_same_v<Weight, float>)
    return panel;
  for (std::size_t i = 0; i < std::size_t{count} * panel_outputs; i += lanes())
    hn::Store(load_weights(panel + i), floats(), tile + i);
  return tile;
}

template <class Weight>
void many_rows(const packed_matrix& w, std::uint32_t first, std::uint32_t last, const rows_view& x,
               float* y, std::size_t y_stride, matmul_scratch& scratch) {
  constexpr auto row_counts = std::make_integer_sequence<std::uint32_t, tile_rows>();
  for (std::uint32_t chunk = 0; chunk < w.inputs(); chunk += chunk_inputs) {
    const auto end = std::min(chunk + chunk_inputs, w.inputs());
    gather_rows(x, chunk, end - chunk, scratch.rows());
    for (auto panel = first; panel < last; ++panel)
      for (auto k = chunk; k < end; k += tile_inputs) {
        const auto count = std::min(tile_inputs, end - k);
        const auto* stored =
            reinterpret_cast<const Weight*>(w.panel(panel)) + std::size_t{k} * panel_outputs;
        const float* tile = unpack(stored, count, scratch.tile());
        for (std::uint32_t r0 = 0; r0 < x.rows; r0 += tile_rows) {
          const auto n = std::min(tile_rows, x.rows - r0);
          const auto add = tile_of(n, row_counts);
          const auto size = std::size_t{count} * panel_outputs;
          prefetch_part(stored + size, size * sizeof(Weight), r0 / tile_rows,
                        x.rows / tile_rows + 1);
          for (std::uint32_t o = 0; o < panel_outputs; o += tile_outputs)
            add(tile + o, count, scratch.rows() + r0 * row_pitch + (k - chunk),
                y + r0 * y_stride + std::size_t{panel} * panel_outputs + o, y_stride, k == 0);
        }
      }
  }
}

template <class Weight>
void product(const packed_matrix& w, std::uint32_t first, std::uint32_t last, const rows_view& x,
             float* y, std::size_t y_stride, matmul_scratch& scratch) {
  if (x.rows == 1)
    one_row<Weight>(w, first, last, x.data, y);
  else
    many_rows<Weight>(w, first, last, x, y, y_stride, scratch);
}

void matmul_floats(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
                   const rows_view& x, float* y, std::size_t y_stride, matmul_scratch& scratch) {
  switch (w.format()) {
    case weight_format::f32:
      return product<float>(w, first, last, x, y, y_stride, scratch);
    case weight_format::f16:
      return product<hwy::float16_t>(w, first, last, x, y, y_stride, scratch);
    case weight_format::bf16:
      return product<hwy::bfloat16_t>(w, first, last, x, y, y_stride, scratch);
    default:
      return;
  }
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(matmul_floats);

matmul_scratch::matmul_scratch()
    : rows_(max_matmul_rows * row_pitch), tile_(std::size_t{panel_outputs} * tile_inputs) {
}

void matmul(const packed_matrix& w, std::uint32_t first, std::uint32_t last, const rows_view& x,
            float* y, std::size_t y_stride, matmul_scratch& scratch) {
  HWY_DYNAMIC_DISPATCH(matmul_floats)(w, first, last, x, y, y_stride, scratch);
}

} // namespace dci::kernels
#endif
