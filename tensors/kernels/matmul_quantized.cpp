// Products with quantized weights.
#include "tensors/kernels/matmul.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/matmul_quantized.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "tensors/kernels/block_readers-inl.hpp"
#include "tensors/kernels/byte_products.hpp"
#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
#define DCI_VNNI 0
#include "tensors/kernels/block_products-inl.hpp"
#undef DCI_VNNI

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
#define DCI_WIDE 1
#include "tensors/kernels/wide_products-inl.hpp"
#else
#define DCI_WIDE 0
#endif

#if HWY_TARGET == HWY_AVX3
#pragma GCC push_options
#pragma GCC target("avx512vnni")
#define DCI_VNNI 1
#include "tensors/kernels/block_products-inl.hpp"
#undef DCI_VNNI
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("amx-tile,amx-int8")
#include "tensors/kernels/tile_products-inl.hpp"
#pragma GCC pop_options
#endif

namespace dci::kernels::HWY_NAMESPACE {

byte_row_form best_form(weight_format format) {
  switch (byte_products_in_use()) {
    case byte_products::tiles: // blocks of several scales do not go through them
      return format == weight_format::q6_k ? byte_row_form::bytes : byte_row_form::tiles;
    case byte_products::vnni:
      return byte_row_form::bytes;
    case byte_products::none:
      break;
  }
  return DCI_WIDE && format == weight_format::q8_0 ? byte_row_form::wide : byte_row_form::bytes;
}

#if HWY_TARGET == HWY_AVX3
// False where they are not for these weights.
bool by_tiles(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
              const byte_rows_view& x, float* y, std::size_t y_stride) {
  switch (w.format()) {
    case weight_format::q8_0:
      with_tiles::product_of<weight_format::q8_0>(w, first, last, x, y, y_stride);
      return true;
    case weight_format::q4_0:
      with_tiles::product_of<weight_format::q4_0>(w, first, last, x, y, y_stride);
      return true;
    case weight_format::q4_k:
      with_tiles::product_of<weight_format::q4_k>(w, first, last, x, y, y_stride);
      return true;
    default:
      return false;
  }
}
#endif

void matmul_bytes(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
                  const byte_rows_view& x, float* y, std::size_t y_stride) {
#if HWY_TARGET == HWY_AVX3
  if (x.tiles != nullptr && by_tiles(w, first, last, x, y, y_stride))
    return;
  if (byte_products_in_use() != byte_products::none)
    return with_vnni::product(w, first, last, x, y, y_stride);
#endif
#if DCI_WIDE
  if (x.wide != nullptr && w.format() == weight_format::q8_0)
    return with_wide::product(w, first, last, x, y, y_stride);
#endif
  without_vnni::product(w, first, last, x, y, y_stride);
}

} // namespace dci::kernels::HWY_NAMESPACE
#undef DCI_WIDE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(matmul_bytes);
HWY_EXPORT(best_form);

byte_row_form form_for(weight_format format, std::uint32_t rows) {
  return rows < least_rows_in_form || !is_quantized(format)
             ? byte_row_form::bytes
             : HWY_DYNAMIC_DISPATCH(best_form)(format);
}

void matmul(const packed_matrix& w, std::uint32_t first, std::uint32_t last,
            const byte_rows_view& x, float* y, std::size_t y_stride) {
  HWY_DYNAMIC_DISPATCH(matmul_bytes)(w, first, last, x, y, y_stride);
}

} // namespace dci::kernels
#endif
