#include "tensors/kernels/read.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/read.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

std::uint32_t read_words(const std::byte* data, std::size_t bytes) {
  const ints d;
  const auto* at = reinterpret_cast<const std::int32_t*>(data);
  int_vec sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (std::size_t i = 0; i < bytes / 4; i += 4 * lanes())
    for (std::size_t v = 0; v < 4; ++v)
      sums[v] = hn::Xor(sums[v], hn::Load(d, at + i + v * lanes()));
  alignas(64) std::int32_t words[virtual_lanes];
  hn::Store(hn::Xor(hn::Xor(sums[0], sums[1]), hn::Xor(sums[2], sums[3])), d, words);
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < lanes(); ++i)
    out ^= static_cast<std::uint32_t>(words[i]);
  return out;
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(read_words);

std::uint32_t read_all(const std::byte* data, std::size_t bytes) {
  return HWY_DYNAMIC_DISPATCH(read_words)(data, bytes);
}

} // namespace dci::kernels
#endif
