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
  std::vector<std::vector<float>> keys, values; ///< by position
  std::vector<aligned_array<float>> memory;
  std::vector<const float*> pages;

  session(std::uint32_t head_dim, std::uint32_t positions) : layout{head_dim} {
    random_numbers random(head_dim);
    for (std::uint32_t p = 0; p < positions; ++p) {
      if (p % page_positions == 0) {
        memory.emplace_back(layout.head_numbers());
        pages.push_back(memory.back().data());
      }
      keys.push_back(random.many(head_dim));
      values.push_back(random.many(head_dim));
      store_key_value(layout, memory.back().data(), p % page_positions, keys.back().data(),
                      values.back().data());
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
  for (const std::uint32_t head_dim : {8u, 24u, 64u, 128u}) {
    CAPTURE(head_dim);
    const session s(head_dim, 100);
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
