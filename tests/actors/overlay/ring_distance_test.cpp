#include <doctest/doctest.h>

#include <cmath>

#include "actors/overlay/ring_distance.hpp"

using namespace dci;

namespace {

node_id id_of(std::uint8_t first, std::uint8_t last) {
  node_id id;
  id.bytes[0] = first;
  id.bytes[31] = last;
  return id;
}

} // namespace

TEST_CASE("distances go clockwise and wrap") {
  CHECK(distance(id_of(0, 3), id_of(0, 5)) == ring_distance{{0, 0, 0, 2}});
  CHECK(distance(id_of(0, 5), id_of(0, 3)) == ring_distance{{~0ull, ~0ull, ~0ull, ~0ull - 1}});
  CHECK(distance(id_of(1, 5), id_of(1, 5)) == ring_distance{});
  // A borrow through all four words.
  CHECK(distance(id_of(0, 1), id_of(1, 0)) ==
        ring_distance{{(1ull << 56) - 1, ~0ull, ~0ull, ~0ull}});
}

TEST_CASE("moving by a distance leads back to where it was measured") {
  for (const auto& from : {id_of(0, 0), id_of(7, 9), id_of(255, 255)})
    for (const auto& to : {id_of(0, 0), id_of(7, 8), id_of(200, 1)})
      CHECK(moved(from, distance(from, to)) == to);
}

TEST_CASE("octaves and logarithms of distances") {
  CHECK(octave(ring_distance{}) == -1);
  for (const unsigned k : {0u, 1u, 63u, 64u, 127u, 200u, 255u}) {
    CHECK(octave(power_of_two(k)) == static_cast<int>(k));
    CHECK(log2(power_of_two(k)) == doctest::Approx(k));
  }
  CHECK(octave(ring_distance{{0, 1, ~0ull, 0}}) == 128);
}

TEST_CASE("intervals of the ring") {
  const auto a = id_of(10, 0), b = id_of(20, 0), c = id_of(30, 0);
  CHECK(in_half_open(a, b, c));
  CHECK(in_half_open(a, c, c));
  CHECK(!in_half_open(a, a, c));
  CHECK(in_half_open(c, a, b)); // through zero
  CHECK(!in_half_open(c, b, a));
  CHECK(in_half_open(a, b, a)); // the whole ring
  CHECK(in_half_open(a, a, a));
  CHECK(in_open(a, b, c));
  CHECK(!in_open(a, c, c));
  CHECK(in_open(a, b, a));
  CHECK(!in_open(a, a, a));
}
