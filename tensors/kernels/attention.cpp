#include "tensors/kernels/attention.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensors/kernels/attention.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "tensors/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace dci::kernels::HWY_NAMESPACE {

constexpr auto page_vectors = page_positions / lanes();
constexpr float minus_infinity = -std::numeric_limits<float>::infinity();

// Products with all keys of a page, for `Queries` queries at once.
template <std::uint32_t Queries, class Number>
HWY_INLINE void score_page(const page_layout& layout, const Number* keys,
                           const attention_query* queries, float scale, float* scores) {
  const floats d;
  float_vec sums[Queries][page_vectors];
  DCI_UNROLL
  for (auto& sum : sums)
    DCI_UNROLL
  for (auto& part : sum)
    part = hn::Zero(d);
  for (std::uint32_t i = 0; i < layout.head_dim; ++i, keys += page_positions)
    DCI_UNROLL
  for (std::size_t v = 0; v < page_vectors; ++v) {
    const auto key = load_weights(keys + v * lanes());
    DCI_UNROLL
    for (std::uint32_t q = 0; q < Queries; ++q)
      sums[q][v] = fused(key, hn::Set(d, queries[q].query[i]), sums[q][v]);
  }
  DCI_UNROLL
  for (std::uint32_t q = 0; q < Queries; ++q)
    DCI_UNROLL
  for (std::size_t v = 0; v < page_vectors; ++v)
    hn::Store(hn::Mul(sums[q][v], hn::Set(d, scale)), d, scores + q * page_positions + v * lanes());
}

// What one query knows after the pages so far.
struct running {
  float maximum = minus_infinity;
  float sum = 0;
};

// Adds positions [begin, end) of a page, whose scores are given, to one query's answer.
template <class Number>
HWY_INLINE void add_page(const page_layout& layout, const Number* values, std::uint32_t begin,
                         std::uint32_t end, float* scores, running& state, float* out) {
  const floats d;
  const auto stride = layout.value_stride();
  for (std::uint32_t p = 0; p < page_positions; ++p)
    if (p < begin || p >= end)
      scores[p] = minus_infinity;
  auto largest = hn::Load(d, scores);
  for (std::size_t v = 1; v < page_vectors; ++v)
    largest = hn::Max(largest, hn::Load(d, scores + v * lanes()));
  const float maximum = std::max(state.maximum, hn::GetLane(hn::MaxOfLanes(d, largest)));
  lane_sums sums;
  DCI_UNROLL
  for (std::size_t v = 0; v < page_vectors; ++v) {
    const auto shifted = hn::Sub(hn::Load(d, scores + v * lanes()), hn::Set(d, maximum));
    const auto weight = exponential(shifted);
    hn::Store(weight, d, scores + v * lanes());
    auto& part = sums.part[v % lane_sums::parts];
    part = hn::Add(part, weight);
  }
  // e^0 is exactly 1, so an unchanged maximum changes nothing.
  const bool moved = maximum != state.maximum;
  const float shrink = moved ? hn::GetLane(exponential(hn::Set(d, state.maximum - maximum))) : 1.0f;
  state.sum = state.sum * shrink + sums.total();
  state.maximum = maximum;
  // Four vectors of the answer stay in registers.
  for (std::uint32_t i = 0; i < stride; i += 4 * static_cast<std::uint32_t>(lanes())) {
    const auto vectors = std::min<std::size_t>(4, (stride - i) / lanes());
    float_vec answer[4];
    DCI_UNROLL
    for (std::size_t v = 0; v < vectors; ++v)
      answer[v] = hn::Mul(hn::Load(d, out + i + v * lanes()), hn::Set(d, shrink));
    for (auto p = begin; p < end; ++p) {
      const auto weight = hn::Set(d, scores[p]);
      const Number* value = values + std::size_t{p} * stride + i;
      DCI_UNROLL
      for (std::size_t v = 0; v < vectors; ++v)
        answer[v] = fused(load_weights(value + v * lanes()), weight, answer[v]);
    }
    DCI_UNROLL
    for (std::size_t v = 0; v < vectors; ++v)
      hn::Store(answer[v], d, out + i + v * lanes());
  }
}

template <class Number>
void attend_to(const page_layout& layout, const std::byte* const* parts,
               const attention_query* queries, std::size_t count, float scale) {
  running states[max_queries];
  auto first = queries[0].first, last = queries[0].last;
  for (std::size_t q = 0; q < count; ++q) {
    std::fill_n(queries[q].out, layout.value_stride(), 0.0f);
    first = std::min(first, queries[q].first);
    last = std::max(last, queries[q].last);
  }
  alignas(64) float scores[max_queries * page_positions];
  for (auto page = first / page_positions; page <= last / page_positions; ++page) {
    const auto* const keys = reinterpret_cast<const Number*>(parts[page]);
    std::size_t q = 0;
    for (; q + 4 <= count; q += 4)
      score_page<4>(layout, keys, queries + q, scale, scores + q * page_positions);
    for (; q + 2 <= count; q += 2)
      score_page<2>(layout, keys, queries + q, scale, scores + q * page_positions);
    if (q < count)
      score_page<1>(layout, keys, queries + q, scale, scores + q * page_positions);
    const auto base = page * page_positions;
    for (q = 0; q < count; ++q) {
      const auto begin = std::max(queries[q].first, base) - base;
      const auto end = std::min(queries[q].last + 1, base + page_positions);
      if (end > base && begin < end - base)
        add_page(layout, keys + layout.key_numbers(), begin, end - base,
                 scores + q * page_positions, states[q], queries[q].out);
    }
  }
  const floats d;
  for (std::size_t q = 0; q < count; ++q) {
    const auto sum = hn::Set(d, states[q].sum);
    for (std::uint32_t i = 0; i < layout.value_stride(); i += lanes())
      hn::Store(hn::Div(hn::Load(d, queries[q].out + i), sum), d, queries[q].out + i);
  }
}

void attend_all(const page_layout& layout, const std::byte* const* parts,
                const attention_query* queries, std::size_t count, float scale) {
  if (layout.format == cache_format::f32)
    attend_to<float>(layout, parts, queries, count, scale);
  else
    attend_to<hwy::float16_t>(layout, parts, queries, count, scale);
}

template <class Number>
bool store_numbers(const page_layout& layout, Number* part, std::uint32_t slot, const float* key,
                   const float* value) {
  auto doubt = hn::Zero(floats()); // NaN once a stored number is not finite
  const auto rounded = [&](float_vec x, Number* out) {
    store_as(x, out);
    const auto stored = load_weights(out);
    doubt = hn::Add(doubt, hn::Sub(stored, stored));
  };
  for_each_vector(key, layout.head_dim, [&](float_vec x, std::size_t, std::size_t first) {
    alignas(64) Number numbers[lanes()];
    rounded(x, numbers);
    for (std::size_t i = 0; i < lanes() && first + i < layout.head_dim; ++i)
      part[(first + i) * page_positions + slot] = numbers[i];
  });
  Number* const values = part + layout.key_numbers() + std::size_t{slot} * layout.value_stride();
  for_each_vector(value, layout.head_dim,
                  [&](float_vec x, std::size_t, std::size_t first) { rounded(x, values + first); });
  return hn::GetLane(hn::SumOfLanes(floats(), doubt)) == 0.0f;
}

bool store_one(const page_layout& layout, std::byte* part, std::uint32_t slot, const float* key,
               const float* value) {
  if (layout.format == cache_format::f32)
    return store_numbers(layout, reinterpret_cast<float*>(part), slot, key, value);
  return store_numbers(layout, reinterpret_cast<hwy::float16_t*>(part), slot, key, value);
}

} // namespace dci::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dci::kernels {

HWY_EXPORT(attend_all);
HWY_EXPORT(store_one);

bool store_key_value(const page_layout& layout, std::byte* part, std::uint32_t slot,
                     const float* key, const float* value) {
  return HWY_DYNAMIC_DISPATCH(store_one)(layout, part, slot, key, value);
}

void attend(const page_layout& layout, std::span<const std::byte* const> parts,
            std::span<const attention_query> queries, float scale) {
  HWY_DYNAMIC_DISPATCH(attend_all)
  (layout, parts.data(), queries.data(), queries.size(), scale);
}

} // namespace dci::kernels
#endif
