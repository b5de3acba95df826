#include "tensors/kernels/elementwise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/elementwise.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <cmath>

#include "tensors/kernels/half.hpp"
#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

void rms_norm_row(const float* x, const float* weight, std::size_t count, float eps, float* out) {
  lane_sums squares;
  for_each_vector(x, count, [&](float_vec v, std::size_t part, std::size_t) {
    squares.part[part] = fused(v, v, squares.part[part]);
  });
  const float scale = 1.0f / std::sqrt(squares.total() / static_cast<float>(count) + eps);
  const auto s = hn::Set(floats(), scale);
  map_pairs(x, weight, out, count,
            [s](float_vec v, float_vec w) { return hn::Mul(hn::Mul(v, s), w); });
}

void layer_norm_row(const float* x, const float* weight, const float* bias, std::size_t count,
                    float eps, float* out) {
  const floats d;
  lane_sums sum;
  for_each_vector(x, count, [&](float_vec v, std::size_t part, std::size_t) {
    sum.part[part] = hn::Add(sum.part[part], v);
  });
  const auto mean = hn::Set(d, sum.total() / static_cast<float>(count));
  lane_sums squares;
  const auto width = static_cast<float>(count);
  for_each_vector(x, count, [&](float_vec v, std::size_t part, std::size_t first) {
    // What lies behind the last number is not part of the row.
    const auto place = hn::Iota(d, static_cast<float>(first));
    const auto off = hn::IfThenElseZero(hn::Lt(place, hn::Set(d, width)), hn::Sub(v, mean));
    squares.part[part] = fused(off, off, squares.part[part]);
  });
  const float scale = 1.0f / std::sqrt(squares.total() / width + eps);
  const auto s = hn::Set(d, scale);
  map_pairs(x, weight, out, count, [mean, s](float_vec v, float_vec w) {
    return hn::Mul(hn::Mul(hn::Sub(v, mean), s), w);
  });
  map_pairs(out, bias, out, count, [](float_vec v, float_vec b) { return hn::Add(v, b); });
}

HWY_INLINE float_vec sigmoid_times(float_vec x, float_vec u) {
  const auto one = hn::Set(floats(), 1.0f);
  return hn::Div(x, hn::Add(one, exponential(hn::Neg(u))));
}
HWY_INLINE float_vec gelu_tanh_of(float_vec x) {
  const floats d;
  const auto cubic = fused(hn::Mul(hn::Set(d, 0.044715f), hn::Mul(x, x)), x, x);
  return sigmoid_times(x, hn::Mul(hn::Set(d, 1.5957691216f), cubic));
}
HWY_INLINE float_vec gelu_of(float_vec x) {
  const floats d;
  const auto one = hn::Set(d, 1.0f);
  const auto z = hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678f));
  const auto t = hn::Div(one, fused(hn::Set(d, 0.3275911f), z, one));
  auto p = hn::Set(d, 1.061405429f);
  p = fused(p, t, hn::Set(d, -1.453152027f));
  p = fused(p, t, hn::Set(d, 1.421413741f));
  p = fused(p, t, hn::Set(d, -0.284496736f));
  p = fused(p, t, hn::Set(d, 0.254829592f));
  const auto tail = hn::Mul(hn::Mul(p, t), exponential(hn::Neg(hn::Mul(z, z)))); // 1 - erf(z)
  const auto both = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 2.0f), tail));
  return hn::Mul(hn::Mul(hn::Set(d, 0.5f), x), both);
}

void add_rows(const float* a, const float* b, std::size_t count, float* out) {
  map_pairs(a, b, out, count, [](float_vec x, float_vec y) { return hn::Add(x, y); });
}

struct silu_function {
  static HWY_INLINE float_vec of(float_vec x) {
    return sigmoid_times(x, x);
  }
};
struct gelu_function {
  static HWY_INLINE float_vec of(float_vec x) {
    return gelu_of(x);
  }
};
struct gelu_tanh_function {
  static HWY_INLINE float_vec of(float_vec x) {
    return gelu_tanh_of(x);
  }
};

// up may be null.
template <class F>
void activate_as(float* x, const float* up, std::size_t count) {
  if (up == nullptr)
    map_pairs(x, x, x, count, [](float_vec v, float_vec) { return F::of(v); });
  else
    map_pairs(x, up, x, count, [](float_vec v, float_vec u) { return hn::Mul(F::of(v), u); });
}

void activate_row(nonlinearity f, float* x, const float* up, std::size_t count) {
  switch (f) {
    case nonlinearity::silu:
      return activate_as<silu_function>(x, up, count);
    case nonlinearity::gelu:
      return activate_as<gelu_function>(x, up, count);
    case nonlinearity::gelu_tanh:
      return activate_as<gelu_tanh_function>(x, up, count);
  }
}

void rotate_head(float* head, const float* cosines, const float* sines, std::size_t count) {
  const auto half = count / 2;
  float* const second = head + half;
  const floats d;
  constexpr auto step = lanes();
  std::size_t i = 0;
  for (; i + step <= half; i += step) {
    const auto a = hn::LoadU(d, head + i), b = hn::LoadU(d, second + i);
    const auto c = hn::LoadU(d, cosines + i), s = hn::LoadU(d, sines + i);
    hn::StoreU(fused(a, c, hn::Neg(hn::Mul(b, s))), d, head + i);
    hn::StoreU(fused(b, c, hn::Mul(a, s)), d, second + i);
  }
  for (; i < half; ++i) {
    const float a = head[i], b = second[i];
    head[i] = std::fma(a, cosines[i], -(b * sines[i]));
    second[i] = std::fma(b, cosines[i], a * sines[i]);
  }
}

bool finite_row(const float* x, std::size_t count) {
  // x - x is zero unless x is NaN or infinite, and NaN stays NaN in a sum.
  lane_sums sum;
  for_each_vector(x, count, [&](float_vec v, std::size_t part, std::size_t) {
    sum.part[part] = hn::Add(sum.part[part], hn::Sub(v, v));
  });
  return sum.total() == 0.0f;
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(rms_norm_row);
HWY_EXPORT(layer_norm_row);
HWY_EXPORT(add_rows);
HWY_EXPORT(activate_row);
HWY_EXPORT(rotate_head);
HWY_EXPORT(finite_row);

void rms_norm(const float* x, const float* weight, std::size_t count, float eps, float* out) {
  HWY_DYNAMIC_DISPATCH(rms_norm_row)(x, weight, count, eps, out);
}
void layer_norm(const float* x, const float* weight, const float* bias, std::size_t count,
                float eps, float* out) {
  HWY_DYNAMIC_DISPATCH(layer_norm_row)(x, weight, bias, count, eps, out);
}
void add(const float* a, const float* b, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(add_rows)(a, b, count, out);
}
void activate(nonlinearity f, float* x, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(activate_row)(f, x, nullptr, count);
}
void activate_gated(nonlinearity f, float* gate, const float* up, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(activate_row)(f, gate, up, count);
}
void rotate(float* head, const float* cosines, const float* sines, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(rotate_head)(head, cosines, sines, count);
}
void round_to_half(float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    x[i] = f32_from_f16(f16_from_f32(x[i]));
}
bool all_finite(const float* x, std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(finite_row)(x, count);
}

} // namespace dci::kernels
#endif
