// The ring former as an actor, beside a gossip that knows one node. Rings of many are
// tests/rings/network_test's.
#include <doctest/doctest.h>

#include "tests/actors/link/link_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("a ring former says what it lacks") {
  link_world w;
  const json beside = {{"link", "link"}, {"membership", "m"}};
  w.start<membership_actor>("membership", "m", {{"link", "link"}});
  w.start<proximity_prober_actor>("proximity_prober", "p", beside);
  w.start<gossip_actor>("gossip", "gossip",
                        {{"link", "link"}, {"membership", "m"}, {"prober", "p"}});
  const auto former = w.start<ring_former_actor>("ring_former", "former", json::object());
  w.run();
  form_ring_request wanted;
  wanted.stages = 2;
  check_error(w.call<formed_ring>(former, wanted), errc::not_found,
              {"of 1 nodes that are known 0 can be stages", "2"});
  wanted.stages = 0;
  check_error(w.call<formed_ring>(former, wanted), errc::bad_request, {"at least one stage"});
}

TEST_CASE("a ring former needs a gossip and a planner") {
  link_world w;
  CHECK(w.why_it_ended("ring_former", json::object()).find("gossip") != std::string::npos);
}
