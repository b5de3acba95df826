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
constexpr std::uint32_t tile_inputs = 256;
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

// weights: [inputs][32] from the tile's first output; x: [inputs][Rows].
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
      const auto input = hn::Set(d, x[r]);
      DCI_UNROLL
      for (std::uint32_t v = 0; v < tile_vectors; ++v)
        sums[r][v] = fused(line[v], input, sums[r][v]);
    }
    weights += panel_outputs;
    x += Rows;
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

// Inputs [k, k + count) of all rows, a tile's rows together: [rows / tile_rows][count][tile_rows].
void gather_rows(const rows_view& x, std::uint32_t k, std::uint32_t count, float* out) {
  for (std::uint32_t r0 = 0; r0 < x.rows; r0 += tile_rows) {
    const auto n = std::min(tile_rows, x.rows - r0);
    for (std::uint32_t r = 0; r < n; ++r) {
      const float* from = x.data + (r0 + r) * x.stride + k;
      for (std::uint32_t i = 0; i < count; ++i)
        out[std::size_t{i} * n + r] = from[i];
    }
    out += std::size_t{count} * n;
  }
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
  for (std::uint32_t k = 0; k < w.inputs(); k += tile_inputs) {
    const auto count = std::min(tile_inputs, w.inputs() - k);
    gather_rows(x, k, count, scratch.rows());
    for (auto panel = first; panel < last; ++panel) {
      const auto* stored =
          reinterpret_cast<const Weight*>(w.panel(panel)) + std::size_t{k} * panel_outputs;
      const float* tile = unpack(stored, count, scratch.tile());
      const float* rows = scratch.rows();
      for (std::uint32_t r0 = 0; r0 < x.rows; r0 += tile_rows) {
        const auto n = std::min(tile_rows, x.rows - r0);
        const auto add = tile_of(n, row_counts);
        for (std::uint32_t o = 0; o < panel_outputs; o += tile_outputs)
          add(tile + o, count, rows, y + r0 * y_stride + std::size_t{panel} * panel_outputs + o,
              y_stride, k == 0);
        rows += std::size_t{count} * n;
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
    : rows_(std::size_t{max_matmul_rows} * 256), tile_(std::size_t{panel_outputs} * 256) {
}

void matmul(const packed_matrix& w, std::uint32_t first, std::uint32_t last, const rows_view& x,
            float* y, std::size_t y_stride, matmul_scratch& scratch) {
  HWY_DYNAMIC_DISPATCH(matmul_floats)(w, first, last, x, y, y_stride, scratch);
}

} // namespace dci::kernels
#endif
