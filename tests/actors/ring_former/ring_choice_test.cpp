#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "actors/ring_former/ring_choice.hpp"

using namespace dci;

namespace {

// Drawn, different in both directions.
link_costs drawn(std::uint32_t candidates, std::uint64_t seed) {
  random_source random(seed);
  return {candidates, [&](std::uint32_t, std::uint32_t) { return 1 + 99 * random.uniform(); }};
}

// Round trips on a plane, one way a little longer than the other.
link_costs on_plane(std::uint32_t candidates, std::uint64_t seed) {
  random_source random(seed);
  std::vector<std::pair<double, double>> places(candidates);
  for (auto& [x, y] : places) {
    x = 100 * random.uniform();
    y = 100 * random.uniform();
  }
  return {candidates, [&](std::uint32_t from, std::uint32_t to) {
            const auto& [ax, ay] = places[from];
            const auto& [bx, by] = places[to];
            return std::hypot(ax - bx, ay - by) + 2 * random.uniform();
          }};
}

// Tries every order of every choice.
double least_cost(const link_costs& costs, std::uint32_t stages) {
  std::vector<std::uint32_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0u);
  double best = std::numeric_limits<double>::infinity();
  do
    best = std::min(best, costs.around({order.begin(), order.begin() + stages}));
  while (std::ranges::next_permutation(order).found);
  return best;
}

void check_is_ring(const std::vector<std::uint32_t>& ring, std::uint32_t stages,
                   std::uint32_t candidates) {
  REQUIRE(ring.size() == stages);
  auto sorted = ring;
  std::ranges::sort(sorted);
  CHECK(std::ranges::adjacent_find(sorted) == sorted.end());
  CHECK(sorted.back() < candidates);
  CHECK(ring.front() == sorted.front());
}

} // namespace

TEST_CASE("of few candidates the ring is the best there is") {
  for (std::uint32_t stages = 1; stages <= 7; ++stages)
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(stages);
      const auto costs = drawn(7, seed);
      const auto ring = choose_ring(costs, stages, random_source(1));
      REQUIRE(ring);
      check_is_ring(*ring, stages, 7);
      CHECK(costs.around(*ring) == doctest::Approx(least_cost(costs, stages)));
    }
}

TEST_CASE("of many candidates the ring is the one that was hidden among them") {
  // Eight near one another in an order that only they know, the rest far.
  const std::vector<std::uint32_t> hidden{3, 41, 17, 8, 55, 29, 12, 50};
  const link_costs costs(60, [&](std::uint32_t from, std::uint32_t to) {
    const auto at = std::ranges::find(hidden, from), next = std::ranges::find(hidden, to);
    if (at == hidden.end() || next == hidden.end())
      return 100.0;
    return (next - at + 8) % 8 == 1 ? 1.0 : 20.0;
  });
  const auto ring = choose_ring(costs, 8, random_source(1));
  REQUIRE(ring);
  check_is_ring(*ring, 8, 60);
  CHECK(costs.around(*ring) == 8);
}

TEST_CASE("of many candidates no single change makes the ring better") {
  for (const std::uint32_t stages : {12u, 40u}) {
    CAPTURE(stages);
    const auto costs = on_plane(40, stages); // turning parts helps there
    const auto chosen = choose_ring(costs, stages, random_source(1));
    REQUIRE(chosen);
    check_is_ring(*chosen, stages, 40);
    const auto least = costs.around(*chosen) - 1e-6;
    const auto check = [&](const std::vector<std::uint32_t>& other) {
      REQUIRE(costs.around(other) > least);
    };
    for (std::size_t i = 0; i < chosen->size(); ++i) {
      for (std::uint32_t c = 0; c < 40; ++c)
        if (std::ranges::find(*chosen, c) == chosen->end()) {
          auto other = *chosen;
          other[i] = c;
          check(other);
        }
      for (std::size_t to = 0; to < chosen->size(); ++to) {
        auto other = *chosen;
        other.erase(other.begin() + static_cast<std::ptrdiff_t>(i));
        other.insert(other.begin() + static_cast<std::ptrdiff_t>(to), (*chosen)[i]);
        check(other);
      }
      for (auto last = i + 2; last <= chosen->size(); ++last) {
        auto other = *chosen;
        std::reverse(other.begin() + static_cast<std::ptrdiff_t>(i),
                     other.begin() + static_cast<std::ptrdiff_t>(last));
        check(other);
      }
    }
  }
}

// With sums over the whole ring for every change tried it takes many times as long.
TEST_CASE("a long ring is chosen among many candidates in seconds" * doctest::timeout(20)) {
  const auto costs = on_plane(600, 1);
  const auto ring = choose_ring(costs, 200, random_source(1));
  REQUIRE(ring);
  check_is_ring(*ring, 200, 600);
}

TEST_CASE("links that may not be used are not, and where there are no others it is said") {
  const auto forbidden = std::numeric_limits<double>::infinity();
  for (const std::uint32_t candidates : {8u, 30u}) {
    CAPTURE(candidates);
    // Only neighbours by number may be neighbours; no number means the same as infinity.
    const link_costs line(candidates, [&](std::uint32_t from, std::uint32_t to) {
      return from + 1 == to || to + 1 == from ? 1.0 : from < to ? forbidden : std::nan("");
    });
    CHECK(line.around(*choose_ring(line, 2, random_source(1))) == 2);
    const auto none = choose_ring(line, 3, random_source(1));
    REQUIRE(!none);
    CHECK(none.error().code == errc::not_found);
  }
}

TEST_CASE("of many candidates a ring is found where the cheapest links lead to dead ends") {
  // From two thirds of the candidates no link may be used, but those to them look best.
  random_source random(1);
  const auto is_dead_end = [](std::uint32_t c) { return c % 3 != 0; };
  const link_costs costs(30, [&](std::uint32_t from, std::uint32_t to) {
    return is_dead_end(from) ? std::numeric_limits<double>::infinity()
           : is_dead_end(to) ? 1
                             : 2 + random.uniform();
  });
  const auto ring = choose_ring(costs, 8, random_source(1));
  REQUIRE(ring);
  check_is_ring(*ring, 8, 30);
  CHECK(std::ranges::none_of(*ring, is_dead_end));
}

TEST_CASE("a ring that cannot be asked for is refused") {
  const auto costs = drawn(5, 1);
  for (const std::uint32_t stages : {0u, 6u})
    CHECK(choose_ring(costs, stages, random_source(1)).error().code == errc::bad_request);
  CHECK(exact_ring(drawn(15, 1), 3).error().code == errc::bad_request);
}
