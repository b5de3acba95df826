#include "tensors/kernels/argmax.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/argmax.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

// The largest number, NaN if one is NaN.
float largest_number(const float* x, std::size_t count) {
  const floats d;
  constexpr auto step = 4 * lanes();
  auto most = hn::Set(d, -std::numeric_limits<float>::infinity());
  float_vec parts[4] = {most, most, most, most};
  // Once NaN, a sum of zeros and NaN stays NaN.
  auto doubt = hn::Zero(d);
  std::size_t i = 0;
  for (; i + step <= count; i += step) {
    DCI_UNROLL
    for (std::size_t v = 0; v < 4; ++v) {
      const auto one = hn::LoadU(d, x + i + v * lanes());
      parts[v] = hn::Max(parts[v], one);
      doubt = hn::Add(doubt, hn::IfThenZeroElse(hn::Eq(one, one), one));
    }
  }
  most = hn::Max(hn::Max(parts[0], parts[1]), hn::Max(parts[2], parts[3]));
  float out = hn::GetLane(hn::MaxOfLanes(d, most));
  float bad = hn::GetLane(hn::SumOfLanes(d, doubt));
  for (; i < count; ++i) {
    out = std::max(out, x[i]);
    bad += x[i] == x[i] ? 0.0f : x[i];
  }
  return bad == bad ? out : bad;
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(largest_number);

largest largest_of(const float* x, std::size_t count) {
  const float value = HWY_DYNAMIC_DISPATCH(largest_number)(x, count);
  return {static_cast<std::size_t>(std::find(x, x + count, value) - x), value};
}

} // namespace dci::kernels
#endif
