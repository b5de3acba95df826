// What the prober makes of round trips that other traffic shows.
#include "actors/proximity_prober/composite_score.hpp"
#include "actors/proximity_prober/table.hpp"
#include "tests/actors/proximity_prober/town.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

const auto near_all = [](std::uint8_t peer) -> maybe { return peer * 1ms; };

} // namespace

TEST_CASE("a member that is heard of needs hardly any probes, and the budget is saved") {
  town t;
  t.settings.nearest = 0; // no trains
  t.machine.add(node(1));
  t.machine.add(node(2));
  t.run(60s, near_all);
  const auto usual = t.bytes;
  const auto before = t.to(1).echoes;
  for (int i = 0; i < 60; ++i) {
    t.machine.saw(node(1).id, 1ms, t.now);
    t.machine.saw(node(2).id, 2ms, t.now);
    t.run(1s, near_all);
    CHECK(t.now - t.to(1).measured <= 2s);
  }
  CHECK(t.to(1).seen == 60);
  CHECK(t.to(1).echoes - before >= 5); // for losses, and its place
  CHECK(t.to(1).echoes - before <= 7);
  CHECK(t.bytes - usual < usual / 10);
  // When the traffic ends, probes have to do again.
  const auto quiet = t.bytes;
  t.run(70s, near_all);
  CHECK(t.bytes - quiet > usual * 9 / 10);
}

TEST_CASE("probes saved on one member go to the others") {
  town t;
  t.settings.nearest = 0;
  for (std::uint8_t i = 1; i <= 4; ++i)
    t.machine.add(node(i));
  t.run(60s, near_all);
  const auto before = t.to(4).echoes;
  for (int i = 0; i < 60; ++i) {
    for (std::uint8_t one = 1; one <= 3; ++one)
      t.machine.saw(node(one).id, 1ms, t.now);
    t.run(1s, near_all);
  }
  CHECK(t.to(4).echoes - before > 3 * before);
}

TEST_CASE("what traffic shows is in the table before the first echo, but moves no place") {
  town t;
  t.machine.add(node(1));
  t.machine.add(node(2));
  t.machine.saw(node(1).id, 40ms, node_time(1s));
  CHECK(t.to(1).round_trip == 40ms);
  CHECK(t.to(1).least == 40ms);
  CHECK(t.machine.place() == network_place{});
  const proximity_weights weights{1, 40ms, 100, 10};
  const auto table = describe(t.machine, weights, node_time(3s));
  CHECK(table.links[0].echoes == 0);
  CHECK(table.links[0].seen == 1);
  CHECK(table.links[0].round_trip_ms == 40);
  CHECK(table.links[0].age_s == 2);
  CHECK(table.links[0].score == doctest::Approx(0.5));
  CHECK(table.links[1].round_trip_ms == 0);
}

TEST_CASE("traffic that cannot be, and that of no member, changes nothing") {
  town t;
  t.machine.add(node(1));
  t.machine.saw(node(9).id, 5ms, t.now);
  for (const auto absurd : {node_clock::duration(0), node_clock::duration(-5),
                            node_clock::duration(1h), node_clock::duration::max()})
    t.machine.saw(node(1).id, absurd, t.now);
  CHECK(t.to(1).seen == 0);
  CHECK(!t.to(1).is_measured());
  CHECK(t.machine.links().size() == 1);
}
