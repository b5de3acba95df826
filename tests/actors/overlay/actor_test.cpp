// The overlay as an actor: its protocol. How nodes find one another is chord_test's, and between
// real processes tests/rings/network_test's.
#include <doctest/doctest.h>

#include "tests/actors/link/link_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

struct overlay_world_of_one : link_world {
  overlay_world_of_one() {
    start<membership_actor>("membership", "membership", json::object());
    run();
    start<proximity_prober_actor>("proximity_prober", "prober", json::object());
    run();
    start<gossip_actor>("gossip", "gossip", json::object());
    run();
  }
};

} // namespace

TEST_CASE("a node alone answers for every key, and for what it has published of itself") {
  overlay_world_of_one w;
  const auto actor = w.start<overlay_actor>("overlay", "overlay", json::object());
  w.run();
  const auto self = w.get<link_description>(w.link, link_describe_request{}).id;
  const auto about = w.get<overlay_description>(actor, overlay_describe_request{});
  CHECK(about.id == self);
  CHECK(about.state == "alone");
  CHECK(about.published);
  CHECK(about.records == 1);
  CHECK(w.get<lookup_reply>(actor, lookup_request{std::string(64, '7')}).owner == self);
  const auto is = w.get<node_descriptor>(actor, find_node_request{self});
  CHECK(is.address == w.address);
  CHECK(is.held.empty());
  check_error(w.call<lookup_reply>(actor, lookup_request{"key"}), errc::bad_config, {"\"key\""});
  check_error(w.call<layer_holders>(actor, find_layers_request{""}), errc::bad_config, {"node id"});
}

TEST_CASE("an overlay that lacks a neighbour ends and says which") {
  overlay_world_of_one w;
  for (const auto* key : {"link", "membership", "gossip"}) {
    const auto said = w.why_it_ended("overlay", {{key, "nobody"}});
    CAPTURE(said);
    CHECK(said.find("\"nobody\"") != std::string::npos);
  }
}
