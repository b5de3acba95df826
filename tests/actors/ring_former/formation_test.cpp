// Rings out of a map: two towns of four nodes each, 4 ms apart within and 40 ms between.
#include "actors/ring_former/formation.hpp"

#include <cmath>
#include <set>

#include <doctest/doctest.h>

using namespace dci;

namespace {

bool everybody(const std::string&) {
  return true;
}

struct towns {
  network_map map;
  form_ring_request wanted;

  towns() {
    wanted.stages = 4;
    for (std::uint32_t i = 0; i < 8; ++i) {
      mapped_node one;
      one.id = std::string(1, static_cast<char>('a' + i));
      one.host = "127.0.0.1:470" + std::to_string(i);
      one.reported = true;
      one.device.memory_free_gb = 8;
      one.place.error = 2; // knows nothing: no guesses
      for (std::uint32_t to = 0; to < 8; ++to)
        if (to != i)
          one.nearest.push_back({to, i % 2 == to % 2 ? 4.0 : 40.0});
      map.nodes.push_back(std::move(one));
    }
  }
  expected<formed_ring> form(const may_serve& allowed = everybody) const {
    return form_ring(map, wanted, allowed, random_source(1));
  }
  std::set<std::string> chosen(const may_serve& allowed = everybody) const {
    const auto ring = form(allowed);
    REQUIRE_MESSAGE(ring, (ring ? "" : ring.error().message));
    std::set<std::string> out;
    for (const auto& one : ring->members)
      out.insert(one.id);
    return out;
  }
};

const std::set<std::string> even{"a", "c", "e", "g"}, odd{"b", "d", "f", "h"};

} // namespace

TEST_CASE("a ring is formed of nodes that are near to one another") {
  const towns t;
  const auto ring = t.form();
  REQUIRE(ring);
  CHECK(ring->candidates == 8);
  CHECK(ring->latency_ms == doctest::Approx(8)); // four links of 2 ms one way
  for (const auto& one : ring->members) {
    CHECK(one.round_trip_ms == 4);
    CHECK_FALSE(one.is_guess);
    CHECK(one.host == "127.0.0.1:470" + std::to_string(one.id[0] - 'a'));
  }
  const auto who = t.chosen();
  CHECK((who == even || who == odd));
}

TEST_CASE("only nodes that may serve are chosen: allowed, with a host, with memory, and heard of") {
  towns t;
  CHECK(t.chosen([](const std::string& id) { return id != "a"; }) == odd);
  t.map.nodes[2].host.clear();
  CHECK(t.chosen() == odd);
  t.map.nodes[2].host = "127.0.0.1:4702";
  t.map.nodes[1].reported = false;
  CHECK(t.chosen() == even);
  t.map.nodes[1].reported = true;
  t.map.nodes[0].device.memory_free_gb = 1;
  t.wanted.least_memory_gb = 2;
  CHECK(t.chosen() == odd);
  t.wanted.least_memory_gb = 0;
  t.map.nodes[1].policy.takes_work = false;
  CHECK(t.chosen() == even);
  t.map.nodes[1].policy.takes_work = true;
  for (std::size_t i = 1; i < 8; i += 2)
    t.map.nodes[i].device.tier = 1;
  t.wanted.lowest_tier = "B";
  CHECK(t.chosen() == odd);
  t.wanted.lowest_tier = "A";
  CHECK(t.form().error().code == errc::not_found);
  t.wanted.lowest_tier = "C";
  t.wanted.least_memory_gb = 9;
  const auto none = t.form();
  REQUIRE_FALSE(none);
  CHECK(none.error().code == errc::not_found);
  CHECK(none.error().message.find("of 8 nodes that are known 0 can be stages") !=
        std::string::npos);
}

TEST_CASE("bandwidth counts as alpha says, and narrow links are not used") {
  towns t;
  for (std::size_t i = 0; i < 8; ++i)
    for (auto& link : t.map.nodes[i].nearest)
      link.mbit_per_s = i % 2 == 0 && link.peer % 2 == 0 ? 5 : 500; // even: near, but narrow
  t.wanted.alpha = 0;
  CHECK(t.chosen() != even);
  t.wanted.alpha = 1;
  t.map.nodes[1].host.clear();
  CHECK(t.chosen() == even);
  t.wanted.least_mbit_per_s = 10;
  CHECK(t.chosen() != even);
  t.map.nodes[0].nearest.front().at_least = true;
  CHECK(t.form());
}

TEST_CASE("links that nobody knows are not used, and guesses are marked") {
  towns t;
  for (auto& one : t.map.nodes)
    one.nearest.clear();
  CHECK(t.form().error().code == errc::not_found);
  for (std::size_t i = 0; i < 8; ++i) {
    auto& place = t.map.nodes[i].place;
    place.error = 0.1f;
    place.at[0] = i % 2 == 0 ? 0 : 20; // ms
  }
  const auto ring = t.form();
  REQUIRE(ring);
  for (const auto& one : ring->members)
    CHECK(one.is_guess);
}

TEST_CASE("what makes no sense is refused") {
  const auto refused = [](auto change) {
    towns t;
    change(t.wanted);
    const auto out = t.form();
    REQUIRE_FALSE(out);
    CHECK(out.error().code == errc::bad_request);
  };
  refused([](form_ring_request& w) { w.stages = 0; });
  refused([](form_ring_request& w) { w.stages = 257; });
  refused([](form_ring_request& w) { w.alpha = 1.5; });
  refused([](form_ring_request& w) { w.alpha = std::nan(""); });
  refused([](form_ring_request& w) { w.least_mbit_per_s = -1; });
  refused([](form_ring_request& w) { w.least_memory_gb = std::nan(""); });
  refused([](form_ring_request& w) { w.lowest_tier = "D"; });
}
