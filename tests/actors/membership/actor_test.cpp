// Membership as an actor: its protocol. How members find one another is service_test's.
#include <doctest/doctest.h>

#include "tests/actors/link/link_world.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("a membership actor says who is there and goes on as time passes") {
  link_world w;
  const auto actor = w.start<membership_actor>("membership", "m", json::object());
  w.run();
  const auto first = w.get<membership_description>(actor, membership_describe_request{});
  CHECK(first.self.address == w.address);
  CHECK(first.self.id.size() == 64);
  CHECK(first.members.empty());
  w.wait(std::chrono::seconds{5});
  CHECK(w.get<membership_description>(actor, membership_describe_request{}).self.id ==
        first.self.id);
}

TEST_CASE("who watches is told who is there; there must be somebody") {
  link_world w;
  const auto actor = w.start<membership_actor>("membership", "m", json::object());
  const auto me = caf::actor_cast<actor_ref>(actor);
  CHECK(w.get<members_list>(actor, watch_members_request{me}).members.empty());
  CHECK(w.call<members_list>(actor, watch_members_request{}).error().code == errc::bad_request);
}

TEST_CASE("a membership actor that cannot start ends and says why") {
  link_world w;
  CHECK(w.why_it_ended("membership", {{"link", "nowhere"}}).find("nowhere") != std::string::npos);
  CHECK(w.why_it_ended("membership", {{"seeds", {"nobody"}}}).find("nobody") != std::string::npos);
  w.start<membership_actor>("membership", "first", json::object());
  w.run();
  CHECK(w.why_it_ended("membership", json::object()).find("has a reader already") !=
        std::string::npos);
}
