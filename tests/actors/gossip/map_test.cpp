// What the reports together say.
#include <doctest/doctest.h>

#include "actors/gossip/map.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

contact who(std::uint8_t first) {
  contact out{};
  out.id.bytes[0] = first;
  out.where.port = first;
  return out;
}
node_mark mark(std::uint8_t first) {
  return mark_of(who(first).id);
}

struct scene {
  gossip_settings settings;
  report_maker maker = [](std::uint32_t version, node_time) {
    node_report made;
    made.node = who(1).id;
    made.version = version;
    made.place = {{3, 0, 0, 0}, 1, 0.1f};
    made.nearest = {{.peer = mark(2), .round_trip_ms = 7}};
    return made;
  };
  report_check check = [](const node_report&) { return true; };
  report_store store{who(1), settings, maker, check, random_source(1), node_time{}};
  gossip_output out;

  void tell(std::uint8_t of, network_place place, std::vector<link_figures> nearest) {
    store.add_peer(who(of));
    node_report r;
    r.node = who(of).id;
    r.version = 1;
    r.place = place;
    r.nearest = std::move(nearest);
    store.receive(who(of), reports{{{std::make_shared<const node_report>(r), 2000}}}, node_time{},
                  out);
  }
};

} // namespace

TEST_CASE("a map has every member, and of each what it reported") {
  scene s;
  s.tell(9, {}, {});
  s.store.add_peer(who(5));
  s.tell(2, {{1, 2, 3, 4}, 5, 0.5f},
         {{mark(9), 20, 100, 30, 80, true}, {12345, 1, 1, 0, 20, false}});
  s.store.tick(node_time{} + 3s, s.out);
  const auto map = map_of(s.store, 10, node_time{} + 10s);
  REQUIRE(map.nodes.size() == 4);
  CHECK(map.nodes[0].id == to_string(who(1).id));
  CHECK(map.nodes[0].age_s == 7);
  CHECK(map.nodes[1].id == to_string(who(2).id));
  CHECK(map.nodes[1].age_s == 12);
  CHECK(map.nodes[1].place.height == 5);
  REQUIRE(map.nodes[1].nearest.size() == 1); // nobody is known as 12345
  CHECK(map.nodes[1].nearest[0].peer == 3);
  CHECK(map.nodes[1].nearest[0].mbit_per_s == 100);
  CHECK(map.nodes[1].nearest[0].at_least);
  CHECK(map.nodes[1].nearest[0].mbit_age_s == 12 + 30);
  CHECK(map.nodes[1].nearest[0].mbit_confidence == 0.8);
  CHECK(!map.nodes[1].nearest[0].narrow);
  CHECK(map.least_mbit_per_s == 10);
  CHECK(!map.nodes[2].reported);
}

TEST_CASE("a link is as its own ends measured it; others' are guessed, or unknown") {
  scene s;
  s.tell(2, {{0, 0, 0, 0}, 2, 0.1f},
         {{mark(1), 30, 50, 2, 100, false}, {.peer = mark(3), .round_trip_ms = 4}});
  s.tell(3, {{0, 8, 0, 0}, 1, 0.1f}, {});
  s.tell(4, {}, {}); // has no place yet
  s.store.tick(node_time{} + 3s, s.out);
  const auto map = map_of(s.store, 60, node_time{} + 3s);
  const proximity_matrix matrix(map);
  REQUIRE(matrix.size() == 4);
  // Each end's own word on its side.
  CHECK(matrix.at(0, 1)->round_trip_ms == 7);
  CHECK(matrix.at(1, 0)->round_trip_ms == 30);
  // Bandwidth has a direction: nobody's word on the other one counts.
  REQUIRE(matrix.bandwidth_at(1, 0));
  CHECK(matrix.bandwidth_at(1, 0)->mbit_per_s == 50);
  CHECK(matrix.bandwidth_at(1, 0)->narrow);
  CHECK(!matrix.bandwidth_at(0, 1));
  CHECK(!matrix.bandwidth_at(1, 2)); // it measured a round trip only
  CHECK(!matrix.bandwidth_at(1, 1));
  // Only one of them has measured it.
  CHECK(matrix.at(2, 1)->round_trip_ms == 4);
  CHECK(!matrix.at(2, 1)->is_guess);
  // Nobody has: sqrt(3^2 + 8^2) and both heights.
  const auto guess = matrix.at(0, 2);
  REQUIRE(guess);
  CHECK(guess->is_guess);
  CHECK(guess->round_trip_ms == doctest::Approx(10.544).epsilon(0.001));
  CHECK(!matrix.at(0, 3));
  CHECK(!matrix.at(2, 2));
}
