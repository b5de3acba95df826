#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "actors/proximity_prober/composite_score.hpp"
#include "actors/proximity_prober/coordinates.hpp"

using namespace dci;
using namespace std::chrono_literals;

TEST_CASE("the composite score is the formula") {
  const proximity_weights half{0.5, 50ms, 100};
  CHECK(composite_score(half, 50ms, 100) == doctest::Approx(0.5));
  CHECK(composite_score(half, 0ms, {}) == doctest::Approx(0.5));
  CHECK(composite_score(half, 150ms, 300) == doctest::Approx(0.5 * 0.25 + 0.5 * 0.75));
  CHECK(composite_score({1, 50ms, 100}, 200ms, 1e9) == doctest::Approx(0.2));
  CHECK(composite_score({0, 50ms, 100}, 1ms, {}) == 0);
}

TEST_CASE("nodes on a line find places that give their round trips back") {
  // At 0, 10, ... ms, each behind 3 ms of access.
  const std::size_t count = 12;
  const auto round_trip = [](std::size_t a, std::size_t b) {
    const auto apart = a < b ? b - a : a - b;
    return node_clock::duration(1000 * (10 * apart + 6));
  };
  std::vector<network_place> places(count);
  random_source random(1);
  for (int i = 0; i < 2000; ++i)
    for (std::size_t n = 0; n < count; ++n)
      if (const auto other = random.below(count); other != n)
        adjust(places[n], places[other], round_trip(n, other), {}, random);
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = 0; b < count; ++b)
      if (a != b) {
        const auto is = static_cast<double>(round_trip(a, b).count());
        const auto guess = static_cast<double>(guessed_round_trip(places[a], places[b]).count());
        CHECK(std::abs(guess - is) / is < 0.25);
      }
  CHECK(places[0].error < 0.2f);
}

TEST_CASE("a node that claims an absurd place moves nobody") {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto inf = std::numeric_limits<float>::infinity();
  network_place own;
  random_source random(1);
  adjust(own, {{5, 0, 0, 0}, 1, 0.5f}, 20ms, {}, random);
  const auto before = own;
  std::vector<network_place> absurd(8);
  absurd[0].at[2] = nan;
  absurd[1].at[0] = -inf;
  absurd[2].height = -1;
  absurd[3].height = nan;
  absurd[4].error = 1.5f;
  absurd[5].error = nan;
  absurd[6].at[1] = 1e9f;
  absurd[7].height = inf;
  for (const auto& other : absurd) {
    CHECK(!is_sound(other));
    adjust(own, other, 20ms, {}, random);
  }
  adjust(own, {}, 0ms, {}, random);
  adjust(own, {}, -5ms, {}, random);
  adjust(own, {}, std::chrono::hours(1), {}, random);
  CHECK(own == before);
}

TEST_CASE("a liar moves a node by no more than the round trip to him at a time") {
  const network_place before{{0, 0, 0, 0}, 1, 0.9f};
  for (const auto round_trip : {1ms, 20ms, 500ms}) {
    auto own = before;
    random_source random(1);
    // Sure of himself, and far away.
    adjust(own, {{500'000, 0, 0, 0}, 0, 0}, round_trip, {}, random);
    CHECK(std::abs(own.at[0]) <= std::min(100.0f, static_cast<float>(round_trip.count())));
    CHECK(is_sound(own));
  }
}

TEST_CASE("nobody is taken to be surer of himself than others are") {
  network_place a{{0, 0, 0, 0}, 1, 0.05f}, b = a;
  random_source random(1);
  adjust(a, {{40, 0, 0, 0}, 0, 0}, 20ms, {}, random);
  adjust(b, {{40, 0, 0, 0}, 0, coordinate_settings{}.least_error}, 20ms, {}, random);
  CHECK(a == b);
  CHECK(a.at[0] > -3.0f); // half of a quarter of 21 ms
}
