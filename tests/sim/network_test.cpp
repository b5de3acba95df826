#include <doctest/doctest.h>

#include <string>

#include "runtime/sim/scene.hpp"

using namespace dci;

namespace {

void check_refused(std::string_view text, std::string_view what) {
  CAPTURE(text);
  const auto read = parse_round_trips(text, 1);
  REQUIRE(!read);
  CHECK(read.error().code == errc::bad_file);
  CHECK(read.error().message.find(what) != std::string::npos);
}

} // namespace

TEST_CASE("a matrix of round trips is read") {
  const auto read = parse_round_trips("0\t10 30\r\n\n12  0\tnan\n-\t0.5\t9\n", 2);
  REQUIRE(read);
  CHECK(read->size == 3);
  CHECK(read->between(0, 1) == 20);
  CHECK(read->between(1, 0) == 24);
  CHECK(read->between(1, 2) == 0);
  CHECK(read->between(2, 1) == 1);
  CHECK(read->between(2, 2) == 0); // the diagonal says nothing
}

TEST_CASE("what is no matrix of round trips is refused, with its line") {
  check_refused("", "0 rows");
  check_refused("0\n", "at least two");
  check_refused("0 1\n1 0\n1 0\n", "line 3: more rows than columns");
  check_refused("0 1 2\n1 0\n", "line 2: 2 columns, the first row has 3");
  check_refused("0 1\n", "1 rows of 2 columns");
  check_refused("0 1\nx 0\n", "line 2: \"x\" is no number");
  check_refused("0 1\n1e999 0\n", "line 2");
  check_refused("0 inf\n1 0\n", "line 1");
  check_refused("0 -1\n1 0\n", "line 1: -1 is no round trip");
  check_refused("0 600001\n1 0\n", "ten minutes");
  check_refused("0 0\n0 0\n", "no round trip is above 0");
}

TEST_CASE("a measured network halves round trips and fills what is unknown") {
  const auto read = parse_round_trips("0 10 0\n14 0 7\n0 0 0\n", 1);
  REQUIRE(read);
  const auto network = network_of(*read);
  const auto us = [](int n) { return node_clock::duration(n); };
  CHECK(network->one_way(0, 1) == us(6000)); // the mean of both directions
  CHECK(network->one_way(1, 2) == us(3500)); // the one that is known
  CHECK(network->one_way(0, 2) == us(5000)); // the median of 7, 10 and 14
}

TEST_CASE("drawn networks are the same both ways, the same again, and as near as they say") {
  for (const auto* kind : {"uniform", "clustered", "transit-stub"}) {
    CAPTURE(kind);
    sim_scene scene;
    scene.nodes = 300;
    scene.network = kind;
    const auto one = open_network(scene), again = open_network(scene);
    scene.seed = 2;
    const auto other = open_network(scene);
    REQUIRE((one && again && other));
    CHECK((*one)->size() == 300);
    bool differs = false;
    node_clock::duration least = std::chrono::hours(1), most{};
    for (std::uint32_t a = 0; a < 300; ++a)
      for (std::uint32_t b = a + 1; b < 300; ++b) {
        const auto way = (*one)->one_way(a, b);
        REQUIRE(way == (*one)->one_way(b, a));
        REQUIRE(way == (*again)->one_way(a, b));
        differs |= way != (*other)->one_way(a, b);
        least = std::min(least, way);
        most = std::max(most, way);
      }
    CHECK(differs);
    CHECK(least > node_clock::duration(0));
    CHECK(least < std::chrono::milliseconds(8));
    CHECK(most > std::chrono::milliseconds(80));
    CHECK(most < std::chrono::milliseconds(200));
  }
}

TEST_CASE("a scene that cannot be is refused") {
  sim_scene scene;
  scene.network = "torus";
  CHECK(open_network(scene).error().message.find("uniform, clustered") != std::string::npos);
  scene = {};
  scene.nodes = 1;
  CHECK(open_network(scene).error().code == errc::bad_config);
  scene = {};
  scene.rtt = "/nowhere/at.all";
  CHECK(open_network(scene).error().message.find("/nowhere/at.all") != std::string::npos);
}
