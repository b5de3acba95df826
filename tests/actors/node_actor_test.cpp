// The node: starts, finds, describes, watches and stops what runs on its host.
#include <doctest/doctest.h>

#include <unistd.h>

#include "runtime/base/version.hpp"
#include "tests/actors/world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

const json none = json::object();

} // namespace

TEST_CASE("a node describes its host and what runs there") {
  world w;
  REQUIRE(w.spawn("partition_planner", "second", none));
  const auto about = w.get<node_description>(w.node, node_describe_request{});
  CHECK(about.host == "here");
  CHECK(about.version == version);
  CHECK(about.process == static_cast<std::uint64_t>(getpid()));
  CHECK(about.machine == "machine");
  CHECK(about.memory_bytes == 1000);
  CHECK_FALSE(about.memory_is_set);
  REQUIRE(about.actors.size() == 2);
  CHECK(about.actors[0].name == "planner");
  CHECK(about.actors[1].name == "second");
  CHECK(about.actors[1].type == "partition_planner");
  CHECK(about.actors[1].actor);
}

TEST_CASE("what was started is found by its name") {
  world w;
  const auto made = w.spawn("partition_planner", "second", none);
  REQUIRE(made);
  const auto found = w.get<actor_info>(w.node, find_request{"second"});
  CHECK(found.name == "second");
  CHECK(found.type == "partition_planner");
  CHECK(found.actor == made->actor);
  check_error(w.call<actor_info>(w.node, find_request{"third"}), errc::not_found,
              {"host here", "\"third\""});
}

TEST_CASE("what cannot be started says why, and nothing is left of it") {
  world w;
  check_error(w.spawn("partition_planer", "x", none), errc::not_found,
              {"\"partition_planer\"", "partition_planner", "shard_executor"});
  // A type that can be asked but not started.
  check_error(w.spawn("node", "x", none), errc::not_found, {"\"node\"", "it can start"});
  check_error(w.spawn("partition_planner", "planner", none), errc::already_exists,
              {"host here", "\"planner\""});
  check_error(w.spawn("partition_planner", "no such name", none), errc::bad_config,
              {"actor name", "no such name"});
  check_error(w.spawn("shard_executor", "x", {{"model", "m"}, {"engin", 2}}), errc::bad_config,
              {"settings of \"x\"", "\"engin\"", "did you mean \"engine\""});
  check_error(w.spawn("shard_executor", "x", none), errc::bad_config, {"\"model\" is missing"});
  check_error(w.spawn("shard_executor", "x", {{"model", 5}}), errc::bad_config,
              {"/model", "a path", "an integer"});
  check_error(w.spawn("shard_executor", "x", {{"model", "m"}, {"layers", {1, 2, 3}}}),
              errc::bad_config, {"/layers", "[first, last]"});
  check_error(w.call<actor_info>(w.node, spawn_request{"partition_planner", "x", "{", nullptr}),
              errc::bad_config, {"settings of \"x\"", "JSON"});
  CHECK(w.names() == "planner");
}

TEST_CASE("an actor that was stopped is gone when the answer comes, and its name is free") {
  world w;
  REQUIRE(w.spawn("partition_planner", "second", none));
  CHECK(w.get<actor_info>(w.node, stop_request{"second"}).name == "second");
  CHECK(w.names() == "planner");
  check_error(w.call<actor_info>(w.node, stop_request{"second"}), errc::not_found, {"\"second\""});
  CHECK(w.spawn("partition_planner", "second", none));
}

TEST_CASE("two who stop the same actor are both answered") {
  world w;
  REQUIRE(w.spawn("partition_planner", "second", none));
  const auto one = w.ask<actor_info>(w.node, stop_request{"second"});
  const auto two = w.ask<actor_info>(w.node, stop_request{"second"});
  w.run();
  REQUIRE(*one);
  CHECK((*one)->has_value());
  REQUIRE(*two);
  CHECK((*two)->has_value());
}

TEST_CASE("an actor that dies is forgotten") {
  world w;
  const auto made = w.spawn("partition_planner", "second", none);
  REQUIRE(made);
  w.kill(made->actor);
  w.run();
  CHECK(w.names() == "planner");
}

TEST_CASE("the owner's end is the actor's end") {
  world w;
  const auto owner = w.spawn("partition_planner", "owner", none);
  REQUIRE(owner);
  REQUIRE(w.spawn("partition_planner", "owned", none, owner->actor));
  REQUIRE(w.spawn("partition_planner", "free", none));
  w.kill(owner->actor);
  w.run();
  CHECK(w.names() == "free planner");
}

TEST_CASE("an owner that is dead already owns nothing") {
  world w;
  const auto owner = w.spawn("partition_planner", "owner", none);
  REQUIRE(owner);
  w.kill(owner->actor);
  w.run();
  REQUIRE(w.spawn("partition_planner", "owned", none, owner->actor));
  w.run();
  CHECK(w.names() == "planner");
}

TEST_CASE("a watcher hears of starts and ends until it is gone") {
  world w;
  const auto seen = std::make_shared<std::vector<std::string>>();
  const auto watcher = w.watcher(seen);
  CHECK(w.get<node_description>(w.node, watch_request{watcher}).host == "here");
  const auto made = w.spawn("partition_planner", "second", none);
  REQUIRE(made);
  REQUIRE(w.spawn("partition_planner", "third", none));
  w.kill(made->actor);
  w.run();
  w.get<actor_info>(w.node, stop_request{"third"});
  CHECK(*seen == std::vector<std::string>{"here/second partition_planner started",
                                          "here/third partition_planner started",
                                          "here/second partition_planner ended: killed",
                                          "here/third partition_planner ended: stopped"});
  w.kill(watcher);
  w.run();
  CHECK(w.spawn("partition_planner", "fourth", none));
  CHECK(seen->size() == 4);
  check_error(w.call<node_description>(w.node, watch_request{}), errc::bad_request, {"no watcher"});
}

TEST_CASE("a node dials addresses of this machine only") {
  world w;
  check_error(w.call<dial_reply>(w.node, dial_request{"nowhere", 0}), errc::bad_config,
              {"nowhere"});
  check_error(w.call<dial_reply>(w.node, dial_request{"192.0.2.1:4701", 0}), errc::unsupported,
              {"192.0.2.1:4701", "loopback", "credentials"});
  check_error(w.call<dial_reply>(w.node, dial_request{"example.org:80", 0}), errc::unsupported,
              {"loopback"});
}

TEST_CASE("the node's end is the end of everything it looks after") {
  world w;
  const auto made = w.spawn("partition_planner", "second", none);
  REQUIRE(made);
  const auto it = w.end_of(made->actor);
  const auto its_node = w.end_of(caf::actor_cast<actor_ref>(w.node));
  w.run();
  caf::anon_send_exit(w.node, caf::exit_reason::user_shutdown);
  while (!*its_node && w.step())
    continue;
  CHECK(*its_node);
  CHECK(*it); // before the node
}

TEST_CASE("a node that is being stopped starts nothing") {
  world w;
  const auto late = w.ask<actor_info>(w.node, spawn_request{"partition_planner", "late", "{}", {}});
  caf::anon_send_exit(w.node, caf::exit_reason::user_shutdown);
  w.run();
  REQUIRE(*late);
  CHECK_FALSE((*late)->has_value());
}
