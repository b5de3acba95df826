// What all kernels share, compiled once for every SIMD target: fused
// multiply-add that is fused everywhere, sums in one canonical order, loads of
// every weight format, and our own exp.
//
// Only element-wise operations that IEEE 754 rounds correctly are used, so the
// bits do not depend on the number of lanes.
#if defined(DCI_TENSORS_KERNELS_SIMD_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef DCI_TENSORS_KERNELS_SIMD_INL_HPP
#undef DCI_TENSORS_KERNELS_SIMD_INL_HPP
#else
#define DCI_TENSORS_KERNELS_SIMD_INL_HPP
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tensors/kernels/half.hpp"
#include "tensors/kernels/packed_matrix.hpp"

// Sums stay in registers only where the loops over them are unrolled. With sanitizers every load
// is instrumented, and unrolled loops would take many minutes to compile.
#ifndef DCI_UNROLL
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DCI_UNROLL
#elif defined(__clang__)
#define DCI_UNROLL _Pragma("clang loop unroll(full)")
#else
#define DCI_UNROLL _Pragma("GCC unroll 32")
#endif
#endif

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// At most 16 lanes: sums are defined over 16 virtual ones.
using floats = hn::CappedTag<float, 16>;
using float_vec = hn::Vec<floats>;
using ints = hn::RebindToSigned<floats>;
using int_vec = hn::Vec<ints>;

inline constexpr std::size_t virtual_lanes = 16;

/// Lanes of this target, known when compiling.
HWY_INLINE constexpr std::size_t lanes() {
#if HWY_TARGET == HWY_SCALAR
  return 1;
#else
  return HWY_MAX_BYTES / 4 < virtual_lanes ? HWY_MAX_BYTES / 4 : virtual_lanes;
#endif
}

/// a * b + c, rounded once.
HWY_INLINE float_vec fused(float_vec a, float_vec b, float_vec c) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  // Highway's emulation multiplies and adds with two roundings.
  alignas(16) float x[lanes()], y[lanes()], z[lanes()];
  const floats d;
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  hn::Store(c, d, z);
  for (std::size_t i = 0; i < lanes(); ++i)
    z[i] = std::fma(x[i], y[i], z[i]);
  return hn::Load(d, z);
#else
  return hn::MulAdd(a, b, c);
#endif
}

/// Weights are read once, front to back: asking for them this far ahead keeps memory busy.
/// What lies behind the last one may be asked for too.
inline constexpr std::size_t prefetch_bytes = 2048;
HWY_INLINE void prefetch(const void* at) {
  __builtin_prefetch(static_cast<const char*>(at) + prefetch_bytes);
}

/// Part `part` of `parts` of what follows the weights at hand: computing with those takes longer
/// than memory takes for the next, but only if it is asked in time.
HWY_INLINE void prefetch_part(const void* next, std::size_t bytes, std::uint32_t part,
                              std::uint32_t parts) {
  const auto line = [&](std::uint32_t number) { return bytes * number / parts / 64 * 64; };
  for (auto at = line(part); at < line(part + 1); at += 64)
    __builtin_prefetch(static_cast<const char*>(next) + at, 0, 2);
}

HWY_INLINE float_vec load_weights(const float* at) {
  return hn::Load(floats(), at);
}
HWY_INLINE float_vec load_weights(const hwy::float16_t* at) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  // Highway's emulation makes infinities finite.
  alignas(16) float numbers[lanes()];
  for (std::size_t i = 0; i < lanes(); ++i)
    numbers[i] = f32_from_f16(at[i].bits);
  return hn::Load(floats(), numbers);
#else
  return hn::PromoteTo(floats(), hn::Load(hn::Rebind<hwy::float16_t, floats>(), at));
#endif
}
HWY_INLINE float_vec load_weights(const hwy::bfloat16_t* at) {
  return hn::PromoteTo(floats(), hn::Load(hn::Rebind<hwy::bfloat16_t, floats>(), at));
}

/// To the nearest, ties to even, what is too large to infinity.
HWY_INLINE void store_as(float_vec x, hwy::float16_t* at) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  // Highway's emulation rounds otherwise.
  alignas(16) float numbers[lanes()];
  hn::Store(x, floats(), numbers);
  for (std::size_t i = 0; i < lanes(); ++i)
    at[i].bits = f16_from_f32(numbers[i]);
#else
  const hn::Rebind<hwy::float16_t, floats> d;
  hn::Store(hn::DemoteTo(d, x), d, at);
#endif
}
HWY_INLINE void store_as(float_vec x, float* at) {
  hn::Store(x, floats(), at);
}

/// Sixteen running sums: number i belongs to sum i % 16.
struct lane_sums {
  static constexpr std::size_t parts = virtual_lanes / lanes();
  float_vec part[parts];

  HWY_INLINE lane_sums() {
    for (auto& p : part)
      p = hn::Zero(floats());
  }
  /// Always the same tree: 16 to 8 to 4 to 2 to 1, neighbours at half the distance.
  HWY_INLINE float total() const {
    alignas(64) float values[virtual_lanes];
    for (std::size_t i = 0; i < parts; ++i)
      hn::Store(part[i], floats(), values + i * lanes());
    for (std::size_t half = virtual_lanes / 2; half > 0; half /= 2)
      for (std::size_t i = 0; i < half; ++i)
        values[i] += values[i + half];
    return values[0];
  }
};

/// Calls f(vector, where its lanes lie among the 16, first) for the numbers of
/// `x`, with zeros after the last.
template <class F>
HWY_INLINE void for_each_vector(const float* x, std::size_t count, F&& f) {
  const floats d;
  std::size_t i = 0;
  for (; i + virtual_lanes <= count; i += virtual_lanes)
    for (std::size_t part = 0; part < lane_sums::parts; ++part)
      f(hn::LoadU(d, x + i + part * lanes()), part, i + part * lanes());
  if (i == count)
    return;
  alignas(64) float tail[virtual_lanes] = {};
  for (std::size_t j = 0; i + j < count; ++j)
    tail[j] = x[i + j];
  for (std::size_t part = 0; part < lane_sums::parts; ++part)
    f(hn::Load(d, tail + part * lanes()), part, i + part * lanes());
}

/// out[i] = f(a[i], b[i]), vector by vector. out may be a or b.
template <class F>
HWY_INLINE void map_pairs(const float* a, const float* b, float* out, std::size_t count, F&& f) {
  const floats d;
  constexpr auto step = lanes();
  std::size_t i = 0;
  for (; i + step <= count; i += step)
    hn::StoreU(f(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  if (i == count)
    return;
  alignas(64) float x[step] = {}, y[step] = {};
  for (std::size_t j = 0; i + j < count; ++j) {
    x[j] = a[i + j];
    y[j] = b[i + j];
  }
  hn::Store(f(hn::Load(d, x), hn::Load(d, y)), d, x);
  for (std::size_t j = 0; i + j < count; ++j)
    out[i + j] = x[j];
}

/// The nearest integer, ties to even, as a float. |x| below 2^22.
HWY_INLINE float_vec nearest(float_vec x) {
  const auto magic = hn::Set(floats(), 12582912.0f);
  return hn::Sub(hn::Add(x, magic), magic);
}

/// e^x within 2 units in the last place; 0 below -87.3, e^88.3 above 88.3, NaN of
/// NaN. Cody and Waite's reduction and a polynomial of degree 6 (coefficients: Cephes,
/// expf).
HWY_INLINE float_vec exponential(float_vec x) {
  const floats d;
  const auto lowest = hn::Set(d, -87.3f);
  const auto tiny = hn::Lt(x, lowest);
  const auto highest = hn::Set(d, 88.3f);
  // Not Min and Max, which turn NaN into a number on some machines.
  x = hn::IfThenElse(tiny, lowest, x);
  x = hn::IfThenElse(hn::Gt(x, highest), highest, x);
  const auto n = nearest(hn::Mul(x, hn::Set(d, 1.44269504f)));
  auto r = fused(n, hn::Set(d, -0.693359375f), x);
  r = fused(n, hn::Set(d, 2.12194440e-4f), r);
  auto p = hn::Set(d, 1.9875691500e-4f);
  p = fused(p, r, hn::Set(d, 1.3981999507e-3f));
  p = fused(p, r, hn::Set(d, 8.3334519073e-3f));
  p = fused(p, r, hn::Set(d, 4.1665795894e-2f));
  p = fused(p, r, hn::Set(d, 1.6666665459e-1f));
  p = fused(p, r, hn::Set(d, 5.0000001201e-1f));
  p = fused(p, hn::Mul(r, r), hn::Add(r, hn::Set(d, 1.0f)));
  const ints di;
  const auto power = hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127)));
  p = hn::Mul(p, hn::BitCast(d, power));
  return hn::IfThenZeroElse(tiny, p);
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
