// The prober as an actor: its protocol. What it measures is prober_test's, and of real processes
// tests/rings/network_test's.
#include <doctest/doctest.h>

#include "net/endpoint.hpp"
#include "tests/actors/link/link_world.hpp"

using namespace dci;
using namespace dci::test;

namespace {

struct prober_world : link_world {
  prober_world() {
    start<membership_actor>("membership", "membership", json::object());
    run();
  }
};

} // namespace

TEST_CASE("a prober has a row for each member, and only a guess before the first echo") {
  prober_world w;
  const auto actor =
      w.start<proximity_prober_actor>("proximity_prober", "prober", {{"least_mbit_per_s", 3}});
  w.run();
  CHECK(w.get<proximity_description>(actor, proximity_describe_request{}).links.empty());
  contact far;
  far.id.bytes[0] = 7;
  far.where = {{127, 0, 0, 1}, free_loopback_port().value()};
  w.tell(actor, member_changed_event{far, true});
  const auto with = w.get<proximity_description>(actor, proximity_describe_request{});
  REQUIRE(with.links.size() == 1);
  CHECK(with.links[0].id == to_string(far.id));
  CHECK(with.links[0].address == to_string(far.where));
  CHECK(with.links[0].echoes == 0);
  CHECK(with.links[0].mbit_per_s == 0);
  CHECK(with.least_mbit_per_s == 3);
  CHECK(with.place == network_place{});
  // Somebody on this host heard from it; what cannot be is not believed.
  w.tell(actor, traffic_event{far, 30'000});
  w.tell(actor, traffic_event{far, 0});
  w.tell(actor, traffic_event{far, ~0u});
  const auto heard = w.get<proximity_description>(actor, proximity_describe_request{}).links[0];
  CHECK(heard.seen == 1);
  CHECK(heard.round_trip_ms == 30);
  // Nobody answers there.
  w.wait(std::chrono::seconds{10});
  CHECK(w.get<proximity_description>(actor, proximity_describe_request{}).links[0].echoes == 0);
  w.tell(actor, member_changed_event{far, false});
  CHECK(w.get<proximity_description>(actor, proximity_describe_request{}).links.empty());
}

TEST_CASE("a prober that cannot start ends and says why") {
  prober_world w;
  const auto why = [&](const json& settings, const std::string& words) {
    const auto said = w.why_it_ended("proximity_prober", settings);
    CAPTURE(said);
    CHECK(said.find(words) != std::string::npos);
  };
  why({{"budget", 0}}, "budget");
  why({{"alpha", 1.5}}, "alpha");
  why({{"least_mbit_per_s", -1}}, "least_mbit_per_s");
  why({{"link", "nowhere"}}, "nowhere");
  why({{"membership", "nobody"}}, "nobody");
}
