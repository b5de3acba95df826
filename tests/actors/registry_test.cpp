// The registry: what a type is, read off its declaration.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include <caf/all.hpp>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

const actor_type& type(const std::string& name) {
  const auto* found = builtin_actor_types()->find(name);
  REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}

std::string names(const std::vector<field_doc>& fields) {
  std::string out;
  for (const auto& field : fields)
    out += (out.empty() ? "" : " ") + field.name;
  return out;
}

/// What is wrong with these settings: "PATH: MESSAGE", or nothing.
std::string fault(const std::string& name, json settings) {
  const auto e = type(name).check(settings, "/base");
  return e ? e->path + ": " + e->message : "";
}

/// A whole system, in which asking blocks.
struct running {
  struct config : caf::actor_system_config {
    config() {
      add_message_types<caf::id_block::dci>();
      set("scheduler.max-threads", std::size_t{2});
    }
  };
  config settings;
  caf::actor_system system{settings};
};

} // namespace

TEST_CASE("the program's types are there, documented") {
  const auto types = builtin_actor_types();
  std::set<std::string> found;
  for (const auto& one : types->types()) {
    CAPTURE(one.name);
    CHECK_FALSE(one.doc.empty());
    CHECK_FALSE(one.requests.empty());
    for (const auto& setting : one.settings)
      CHECK_FALSE(setting.doc.empty());
    found.insert(one.name);
  }
  for (const auto* name : {"node", "shard_executor", "ring", "membership", "partition_planner"})
    CHECK(found.contains(name));
  CHECK(found.size() == types->types().size());
  CHECK(types->find("shard") == nullptr);
  CHECK(types->find("") == nullptr);
}

TEST_CASE("only what can be started is named as such") {
  const auto names = builtin_actor_types()->spawnable_names();
  CHECK(names.find("shard_executor") != std::string::npos);
  CHECK(names.find("partition_planner") != std::string::npos);
  CHECK(names.find("node") == std::string::npos);
  CHECK_FALSE(type("node").spawn);
  CHECK(type("ring").spawn);
}

TEST_CASE("settings and requests are read off the types") {
  CHECK(names(type("shard_executor").settings) == "model layers prompt_chunk engine");
  CHECK(type("shard_executor").settings[0].fallback.empty());
  CHECK(type("shard_executor").settings[2].fallback == "128");
  CHECK(type("partition_planner").settings.empty());
  const auto* plan = actor_registry::find_request_type(type("partition_planner"), "plan");
  REQUIRE(plan != nullptr);
  CHECK(plan->name == "plan_request");
  CHECK(names(plan->fields) == "strategy layers nodes");
  CHECK(plan->reply == "plan_reply");
  CHECK(names(plan->reply_fields) == "stages");
  const auto& ring = type("ring");
  CHECK(actor_registry::find_request_type(ring, "generate_request") ==
        actor_registry::find_request_type(ring, "generate"));
  CHECK(actor_registry::find_request_type(ring, "generate") != nullptr);
  CHECK(actor_registry::find_request_type(ring, "gen") == nullptr);
  CHECK(actor_registry::find_request_type(ring, "") == nullptr);
  const auto* token = actor_registry::find_request_type(ring, "step_frame");
  REQUIRE(token != nullptr);
  CHECK(token->reply.empty());
}

TEST_CASE("settings are checked, with a hint at what was meant") {
  CHECK(fault("shard_executor", {{"model", "m"}}) == "");
  CHECK(fault("shard_executor", json::object()).find("\"model\" is missing") != std::string::npos);
  CHECK(fault("shard_executor", {{"model", "m"}, {"layer", {0, 1}}}) ==
        "/layer: unknown key \"layer\"; did you mean \"layers\"?");
  CHECK(fault("shard_executor", {{"model", "m"}, {"colour", 1}}).find("known here: model layers") !=
        std::string::npos);
  CHECK(fault("shard_executor", {{"model", "m"}, {"prompt_chunk", -1}}).find("/prompt_chunk: ") ==
        0);
  CHECK(fault("shard_executor", {{"model", "m"}, {"engine", {{"threads", 5000}}}}) ==
        "/engine/threads: threads goes up to 1024");
  CHECK(fault("shard_executor", {{"model", "m"}, {"layers", {0, "x"}}}).find("/layers/1: ") == 0);
  CHECK(fault("ring", {{"model", "m"}, {"stages", {{{"hots", "a"}}}}}) ==
        "/stages/0/hots: unknown key \"hots\"; did you mean \"host\"?");
}

TEST_CASE("relative paths start at the base, absolute ones stay") {
  json settings = {{"model", "../models/./tiny"}};
  REQUIRE_FALSE(type("shard_executor").check(settings, "/srv/rings"));
  CHECK(settings["model"] == "/srv/models/tiny");
  REQUIRE_FALSE(type("shard_executor").check(settings, "/elsewhere"));
  CHECK(settings["model"] == "/srv/models/tiny");
}

TEST_CASE("of two types with one name the first stays") {
  actor_registry types;
  types.add_interface<node_actor>("x", "first");
  types.add_interface<ring_actor>("x", "second");
  REQUIRE(types.types().size() == 1);
  CHECK(types.find("x")->doc == "first");
  CHECK(types.spawnable_names() == "");
}

TEST_CASE("a request is made of JSON and answered in JSON") {
  running r;
  const auto made = type("partition_planner")
                        .spawn(r.system, {"p", "here", nullptr, nullptr, nullptr}, json::object());
  REQUIRE(made);
  const auto* plan = actor_registry::find_request_type(type("partition_planner"), "plan");
  caf::scoped_actor self{r.system};
  const auto ask = [&](const json& fields) { return plan->call(self, *made, fields, 10s); };
  const auto answer = ask({{"layers", 4}, {"nodes", {{{"id", "a"}, {"memory_bytes", 1}}}}});
  REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().message));
  CHECK(*answer == json::parse(R"({"stages": [{"id": "a", "layers": [0, 4]}]})"));
  test::check_error(ask({{"layers", 4}}), errc::bad_request,
                    {"plan_request", "\"nodes\" is missing"});
  test::check_error(ask({{"layers", 4}, {"nodes", {{{"id", "a"}}}}}), errc::bad_request,
                    {"plan_request/nodes/0", "\"memory_bytes\""});
  test::check_error(ask({{"layers", 0}, {"nodes", {{{"id", "a"}, {"memory_bytes", 1}}}}}),
                    errc::bad_request, {"at least one layer"});
  // Another type's request: the actor says so instead of staying silent.
  const auto* load = actor_registry::find_request_type(type("shard_executor"), "load");
  REQUIRE(load != nullptr);
  test::check_error(load->call(self, *made, json::object(), 10s), errc::bad_request,
                    {"does not understand"});
  caf::anon_send_exit(*made, caf::exit_reason::kill);
  self->wait_for(caf::actor_cast<caf::actor>(*made));
  const auto gone = ask({{"layers", 4}, {"nodes", {{{"id", "a"}, {"memory_bytes", 1}}}}});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == errc::peer_lost);
}

TEST_CASE("spawning with bad settings names actor and key") {
  running r;
  const json settings = {{"model", "m"}, {"prompt_chunk", "two"}};
  test::check_error(type("shard_executor")
                        .spawn(r.system, {"front", "here", nullptr, nullptr, nullptr}, settings),
                    errc::bad_config, {"\"front\"", "/prompt_chunk", "an integer"});
}
