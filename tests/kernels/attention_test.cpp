#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "tensors/kernels/attention.hpp"
#include "tensors/kernels/targets.hpp"
#include "tests/kernels/random_numbers.hpp"

using namespace dci::kernels;
using namespace dci::kernels::test;

namespace {

struct session {
  page_layout layout;
  std::vector<std::vector<float>> keys, values; ///< by position, as they are stored
  std::vector<aligned_buffer> memory;
  std::vector<const std::byte*> pages;

  session(std::uint32_t head_dim, std::uint32_t positions, cache_format format = cache_format::f32)
      : layout{head_dim, format} {
    random_numbers random(head_dim);
    for (std::uint32_t p = 0; p < positions; ++p) {
      if (p % page_positions == 0) {
        memory.emplace_back(layout.head_bytes());
        pages.push_back(memory.back().data());
      }
      keys.push_back(random.many(head_dim));
      values.push_back(random.many(head_dim));
      CHECK(store_key_value(layout, memory.back().data(), p % page_positions, keys.back().data(),
                            values.back().data()));
      for (auto* row : {&keys.back(), &values.back()})
        for (auto& x : *row)
          x = format == cache_format::f32 ? x : f32_from_f16(f16_from_f32(x));
    }
  }

  std::vector<double> exact(const std::vector<float>& query, std::uint32_t first,
                            std::uint32_t last, double scale) const {
    std::vector<double> out(layout.head_dim);
    double sum = 0;
    for (auto p = first; p <= last; ++p) {
      double score = 0;
      for (std::uint32_t i = 0; i < layout.head_dim; ++i)
        score += double(query[i]) * keys[p][i];
      const double weight = std::exp(score * scale);
      sum += weight;
      for (std::uint32_t i = 0; i < layout.head_dim; ++i)
        out[i] += weight * values[p][i];
    }
    for (auto& x : out)
      x /= sum;
    return out;
  }
};

// Answers of queries at the given positions, asked `together` at a time.
std::vector<float> answers(const session& s, const std::vector<std::vector<float>>& queries,
                           const std::vector<std::uint32_t>& last, std::uint32_t window,
                           std::size_t together) {
  const auto stride = s.layout.value_stride();
  aligned_array<float> out(queries.size() * stride);
  for (std::size_t q0 = 0; q0 < queries.size(); q0 += together) {
    std::vector<attention_query> some;
    for (auto q = q0; q < std::min(q0 + together, queries.size()); ++q)
      some.push_back({queries[q].data(), out.data() + q * stride,
                      last[q] + 1 > window ? last[q] + 1 - window : 0, last[q]});
    attend(s.layout, s.pages, some, 0.125f);
  }
  return {out.data(), out.data() + out.size()};
}

} // namespace

TEST_CASE("attention agrees with its definition; its bits depend on the position alone") {
  struct kind {
    std::uint32_t head_dim;
    cache_format format;
  };
  for (const auto& [head_dim, format] :
       {kind{8, cache_format::f32}, kind{24, cache_format::f32}, kind{64, cache_format::f32},
        kind{128, cache_format::f32}, kind{8, cache_format::f16}, kind{24, cache_format::f16},
        kind{64, cache_format::f16}, kind{128, cache_format::f16}}) {
    CAPTURE(head_dim);
    CAPTURE(static_cast<int>(format));
    const session s(head_dim, 100, format);
    std::vector<std::vector<float>> queries;
    std::vector<std::uint32_t> last;
    random_numbers random(7);
    for (const std::uint32_t p : {0u, 1u, 30u, 31u, 32u, 33u, 63u, 64u, 77u, 98u, 99u}) {
      queries.push_back(random.many(head_dim));
      for (auto& x : queries.back())
        x *= 10;
      last.push_back(p);
    }
    for (const std::uint32_t window : {1000u, 40u, 1u}) {
      CAPTURE(window);
      const auto alone = answers(s, queries, last, window, 1);
      for (std::size_t q = 0; q < queries.size(); ++q) {
        const auto first = last[q] + 1 > window ? last[q] + 1 - window : 0;
        const auto exact = s.exact(queries[q], first, last[q], 0.125);
        for (std::uint32_t i = 0; i < head_dim; ++i)
          CHECK(std::abs(alone[q * s.layout.value_stride() + i] - exact[i]) < 1e-5);
      }
      for (const auto& target : supported_targets()) {
        CAPTURE(target);
        REQUIRE(use_target(target));
        for (const std::size_t together : {std::size_t{1}, std::size_t{3}, std::size_t{8}}) {
          const auto other = answers(s, queries, last, window, together);
          CHECK(std::memcmp(alone.data(), other.data(), alone.size() * 4) == 0);
        }
      }
      use_target(supported_targets().front());
    }
  }
}

TEST_CASE("an F16 cache attends to the rounded numbers, bit by bit, on every target") {
  for (const std::uint32_t head_dim : {7u, 24u, 128u}) {
    CAPTURE(head_dim);
    const session rounded(head_dim, 70, cache_format::f16);
    // The same numbers in an F32 cache.
    session plain(head_dim, 70);
    for (std::uint32_t p = 0; p < 70; ++p)
      store_key_value(plain.layout, plain.memory[p / page_positions].data(), p % page_positions,
                      rounded.keys[p].data(), rounded.values[p].data());
    const auto query = random_numbers(11).many(head_dim);
    const auto expected = answers(plain, {query}, {69}, 1000, 1);
    for (const auto& target : supported_targets()) {
      CAPTURE(target);
      REQUIRE(use_target(target));
      const session here(head_dim, 70, cache_format::f16);
      const auto out = answers(here, {query}, {69}, 1000, 1);
      CHECK(std::memcmp(out.data(), expected.data(), out.size() * 4) == 0);
    }
    use_target(supported_targets().front());
  }
}

TEST_CASE("keys and values round to F16, ties to even, and say when they are too large") {
  const page_layout layout{18, cache_format::f16};
  const std::vector<float> fine = {
      0.0f,         -0.0f,    1.0f + 0x1p-11f, 1.0f + 0x3p-11f, 65519.96f, -65519.96f,
      0x1p-24f,     0x1p-25f, 0x3p-26f,        1e-30f,          0x1p-14f,  0x1.ffcp-15f,
      0x1.ffep-15f, 0.1f,     -0.3f,           1000.7f,         2049.0f,   2051.0f};
  const std::vector<float> zeros(18);
  for (const auto& target : supported_targets()) {
    CAPTURE(target);
    REQUIRE(use_target(target));
    aligned_buffer part(layout.head_bytes());
    CHECK(store_key_value(layout, part.data(), 5, fine.data(), fine.data()));
    const auto* numbers = reinterpret_cast<const std::uint16_t*>(part.data());
    for (std::uint32_t i = 0; i < layout.head_dim; ++i) {
      CAPTURE(fine[i]);
      CHECK(numbers[i * page_positions + 5] == f16_from_f32(fine[i]));
      CHECK(numbers[layout.key_numbers() + 5 * layout.value_stride() + i] == f16_from_f32(fine[i]));
    }
    for (const float bad : {65520.0f, -65520.0f, 1e30f, std::nanf(""), HUGE_VALF})
      for (const std::size_t at : {0u, 9u, 17u}) {
        auto row = zeros;
        row[at] = bad;
        CHECK(!store_key_value(layout, part.data(), 0, row.data(), zeros.data()));
        CHECK(!store_key_value(layout, part.data(), 0, zeros.data(), row.data()));
        const page_layout wide{18};
        aligned_buffer plain(wide.head_bytes());
        CHECK(store_key_value(wide, plain.data(), 0, row.data(), row.data()) == std::isfinite(bad));
      }
  }
  use_target(supported_targets().front());
}

TEST_CASE("what is left in a page from earlier does not matter") {
  session s(16, 40);
  const auto query = random_numbers(9).many(16);
  const auto clean = answers(s, {query}, {35}, 1000, 1);
  const std::vector<float> rubbish(16, std::nanf(""));
  for (std::uint32_t slot = 8; slot < page_positions; ++slot)
    store_key_value(s.layout, s.memory[1].data(), slot, rubbish.data(), rubbish.data());
  const auto dirty = answers(s, {query}, {35}, 1000, 1);
  CHECK(std::memcmp(clean.data(), dirty.data(), clean.size() * 4) == 0);
}

TEST_CASE("scores that are not finite are not hidden") {
  session s(16, 3);
  const std::vector<float> huge(16, 3e38f);
  store_key_value(s.layout, s.memory[0].data(), 1, huge.data(), huge.data());
  for (const auto& target : supported_targets()) {
    CAPTURE(target);
    REQUIRE(use_target(target));
    const auto out = answers(s, {huge}, {2}, 1000, 1);
    CHECK(!std::isfinite(out[0]));
  }
  use_target(supported_targets().front());
}
