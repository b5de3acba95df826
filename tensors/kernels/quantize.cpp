// Rounding rows to signed bytes.
#include "tensors/kernels/matmul.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/quantize.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

// One block of 32 numbers. sums: of each half. Returns the scale.
HWY_INLINE float round_block(const float* x, std::int8_t* bytes, std::int32_t* sums) {
  constexpr auto half_vectors = half_block_inputs / lanes();
  constexpr auto vectors = 2 * half_vectors;
  const floats d;
  auto largest = hn::Zero(d);
  DCI_UNROLL
  for (std::size_t v = 0; v < vectors; ++v)
    largest = hn::Max(largest, hn::Abs(hn::LoadU(d, x + v * lanes())));
  const float magnitude = hn::GetLane(hn::MaxOfLanes(d, largest));
  sums[0] = sums[1] = 0;
  if (!(magnitude >= 1e-30f)) {
    for (std::uint32_t i = 0; i < block_inputs; ++i)
      bytes[i] = 0;
    return 0;
  }
  const auto inverse = hn::Set(d, 127.0f / magnitude);
  const hn::Rebind<std::int8_t, floats> small;
  const ints di;
  int_vec totals[2] = {hn::Zero(di), hn::Zero(di)};
  DCI_UNROLL
  for (std::size_t v = 0; v < vectors; ++v) {
    const auto whole = hn::ConvertTo(di, nearest(hn::Mul(hn::LoadU(d, x + v * lanes()), inverse)));
    auto& total = totals[v / half_vectors];
    total = hn::Add(total, whole);
    hn::StoreU(hn::DemoteTo(small, whole), small, bytes + v * lanes());
  }
  for (std::size_t half = 0; half < 2; ++half)
    sums[half] = hn::GetLane(hn::SumOfLanes(di, totals[half]));
  return magnitude / 127.0f;
}

void round_row(const float* x, std::uint32_t inputs, std::int8_t* bytes, float* scales,
               float* totals, std::int32_t* sums) {
  for (std::uint32_t b = 0; b < inputs / block_inputs; ++b) {
    const auto first = std::size_t{b} * block_inputs;
    scales[b] = round_block(x + first, bytes + first, sums + std::size_t{2} * b);
    totals[b] = scales[b] * static_cast<float>(sums[2 * b] + sums[2 * b + 1]);
  }
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(round_row);

byte_rows::byte_rows(std::uint32_t rows, std::uint32_t most_numbers)
    : stride_(most_numbers), bytes_(rows * stride_), scales_(rows * (stride_ / block_inputs)),
      totals_(rows * (stride_ / block_inputs)), sums_(rows * (stride_ / half_block_inputs)) {
}

void byte_rows::assign(std::uint32_t row, const float* numbers, std::uint32_t count) {
  const auto blocks = stride_ / block_inputs;
  HWY_DYNAMIC_DISPATCH(round_row)
  (numbers, count, bytes_.data() + row * stride_, scales_.data() + row * blocks,
   totals_.data() + row * blocks, sums_.data() + row * blocks * 2);
}

} // namespace dci::kernels
#endif
