// Membership as an actor: its protocol. How members find one another is service_test's.
#include <doctest/doctest.h>

#include "net/free_port.hpp"
#include "tests/actors/world.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("a membership actor says who is there and goes on as time passes") {
  world w;
  const auto where = "127.0.0.1:" + std::to_string(free_loopback_port().value());
  const auto actor = w.start<membership_actor>("membership", "m", {{"listen", where}});
  const auto first = w.get<membership_description>(actor, membership_describe_request{});
  CHECK(first.self.address == where);
  CHECK(first.self.id.size() == 64);
  CHECK(first.members.empty());
  CHECK(first.datagrams_sent == 0);
  w.wait(std::chrono::seconds{5});
  CHECK(w.get<membership_description>(actor, membership_describe_request{}).self.id ==
        first.self.id);
}

TEST_CASE("a membership actor that cannot listen ends and says why") {
  world w;
  auto said = std::make_shared<std::vector<std::string>>();
  w.tell(w.node, watch_request{w.watcher(said)});
  w.run();
  REQUIRE(w.spawn("membership", "m", {{"listen", "192.0.2.1:4801"}}));
  w.run();
  CHECK(w.names().find("m") == std::string::npos);
  REQUIRE(!said->empty());
  CAPTURE(said->back());
  CHECK(said->back().find("loopback") != std::string::npos);
}
