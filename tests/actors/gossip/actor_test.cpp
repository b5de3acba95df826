// Gossip as an actor: its protocol. How reports spread is report_store_test's, and between real
// processes tests/rings/network_test's.
#include <doctest/doctest.h>

#include "tests/actors/link/link_world.hpp"

using namespace dci;
using namespace dci::test;

namespace {

struct gossip_world : link_world {
  gossip_world() {
    start<membership_actor>("membership", "membership", json::object());
    run();
    start<proximity_prober_actor>("proximity_prober", "prober", json::object());
    run();
  }
};

} // namespace

TEST_CASE("a node alone maps itself, and a member of which nothing is known") {
  gossip_world w;
  const auto actor = w.start<gossip_actor>("gossip", "gossip", json::object());
  w.run();
  const auto self = w.get<link_description>(w.link, link_describe_request{}).id;
  auto map = w.get<network_map>(actor, gossip_describe_request{});
  REQUIRE(map.nodes.size() == 1);
  CHECK(map.nodes[0].id == self);
  CHECK(map.nodes[0].address == w.address);
  contact other;
  other.id.bytes[0] = 7;
  w.tell(actor, member_changed_event{other, true});
  map = w.get<network_map>(actor, gossip_describe_request{});
  REQUIRE(map.nodes.size() == 2);
  CHECK(!map.nodes[1].reported);
  w.tell(actor, member_changed_event{other, false});
  CHECK(w.get<network_map>(actor, gossip_describe_request{}).nodes.size() == 1);
}

TEST_CASE("a gossip actor that lacks a neighbour ends and says which") {
  gossip_world w;
  for (const auto* key : {"link", "membership", "prober"}) {
    const auto said = w.why_it_ended("gossip", {{key, "nobody"}});
    CAPTURE(said);
    CHECK(said.find("\"nobody\"") != std::string::npos);
  }
}
