// The shard executor as an actor, outside of a ring.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/actors/ring_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

json settings(const std::string& model = "qwen2") {
  return {{"model", model_dir(model).string()}, {"layers", {1, 3}}};
}

/// A ring that only listens to complaints.
ring_actor::behavior_type noting_ring(ring_actor::pointer,
                                      std::shared_ptr<std::vector<step_failed_event>> faults) {
  return {
      [](const assemble_request&) { return ring_description{}; },
      [](const ring_describe_request&) { return ring_description{}; },
      [](const generate_request&) { return generate_reply{}; },
      [](const cancel_request&) { return generate_reply{}; },
      [](const tokens_event&) {},
      [faults](const step_failed_event& event) { faults->push_back(event); },
  };
}

wire_request wiring(const actor_ref& next, const actor_ref& coordinator) {
  return {"main", epoch_id{1}, 0, 1, 1, next, coordinator};
}

} // namespace

TEST_CASE("an executor describes itself, more when it is loaded") {
  world w;
  const auto shard = w.start<shard_executor_actor>("shard_executor", "front", settings());
  auto about = w.get<shard_description>(shard, shard_describe_request{});
  CHECK_FALSE(about.loaded);
  CHECK(about.layers == layer_span{1, 3});
  CHECK(about.weight_bytes == 0);
  about = w.get<shard_description>(shard, load_request{});
  CHECK(about.loaded);
  CHECK(about.model == model_dir("qwen2").string());
  CHECK(about.fingerprint == fingerprint_of("qwen2"));
  CHECK(about.layers == layer_span{1, 3});
  CHECK(about.model_layers == 4);
  CHECK(about.hidden == 48);
  CHECK(about.vocab == 96);
  CHECK(about.context == 128);
  CHECK(about.weight_bytes > 0);
  // 2 blocks of 2 heads: keys of 8 numbers, values of 8 padded to 16.
  CHECK(about.kv_bytes_per_position == 2 * 2 * (8 + 16) * 4);
  const auto again = w.get<shard_description>(shard, load_request{});
  CHECK(again.weight_bytes == about.weight_bytes);
}

TEST_CASE("without layers it holds the whole model") {
  world w;
  const auto shard = w.start<shard_executor_actor>("shard_executor", "all",
                                                   {{"model", model_dir("qwen2").string()}});
  CHECK(w.get<shard_description>(shard, load_request{}).layers == layer_span{0, 4});
}

TEST_CASE("weights that cannot be read are an error, each time it is asked") {
  world w;
  const auto missing =
      w.start<shard_executor_actor>("shard_executor", "missing", {{"model", "/nowhere/at/all"}});
  check_error(w.call<shard_description>(missing, load_request{}), errc::bad_file,
              {"/nowhere/at/all"});
  check_error(w.call<shard_description>(missing, load_request{}), errc::bad_file,
              {"/nowhere/at/all"});
  const auto beyond = w.start<shard_executor_actor>(
      "shard_executor", "beyond", {{"model", model_dir("qwen2").string()}, {"layers", {2, 9}}});
  check_error(w.call<shard_description>(beyond, load_request{}), errc::bad_request,
              {"qwen2", "[2, 9)", "4"});
}

TEST_CASE("it takes its place only with weights and neighbours") {
  world w;
  const auto shard = w.start<shard_executor_actor>("shard_executor", "front", settings());
  const auto self = caf::actor_cast<actor_ref>(shard);
  const auto ring = caf::actor_cast<actor_ref>(w.node);
  check_error(w.call<wire_reply>(shard, wiring(self, ring)), errc::bad_request,
              {"front", "load the weights"});
  w.get<shard_description>(shard, load_request{});
  check_error(w.call<wire_reply>(shard, wiring(nullptr, ring)), errc::bad_request,
              {"front", "neighbours"});
  check_error(w.call<wire_reply>(shard, wiring(self, nullptr)), errc::bad_request, {"neighbours"});
  auto outside = wiring(self, ring);
  outside.stage = 1;
  check_error(w.call<wire_reply>(shard, outside), errc::bad_request, {"front"});
  CHECK(w.get<wire_reply>(shard, wiring(self, ring)).stage == 0);
}

TEST_CASE("outside of a ring it opens no session and drops every step") {
  world w;
  const auto shard = w.start<shard_executor_actor>("shard_executor", "front", settings());
  open_session_request open;
  open.prompt = {1};
  open.positions = 4;
  open.max_tokens = 1;
  check_error(w.call<open_session_reply>(shard, open), errc::bad_request, {"front", "no ring"});
  w.tell(shard, token_step{session_id{1}, epoch_id{1}, step_id{0}, 0, {1}, 0});
  w.tell(shard, hidden_pass{epoch_id{1}, 1, {{session_id{1}, step_id{0}, 0, {}, 1, {}}}});
  w.tell(shard, turn_event{epoch_id{1}, 1, {}});
  w.tell(shard, close_session_event{session_id{1}, epoch_id{1}});
  w.run();
  CHECK(w.get<shard_description>(shard, shard_describe_request{}).steps == 0);
}

TEST_CASE("in a ring, steps go on to the neighbour and faults to the ring") {
  world w;
  const auto faults = std::make_shared<std::vector<step_failed_event>>();
  const auto shard = w.start<shard_executor_actor>("shard_executor", "middle", settings());
  const auto next = w.spawn("fake_executor", "next",
                            {{"fingerprint", ""}, {"layers", {3, 4}}, {"ignores_steps", true}});
  REQUIRE(next);
  const auto ring = w.system.spawn(noting_ring, faults);
  w.get<shard_description>(shard, load_request{});
  w.get<wire_reply>(shard, wire_request{"main", epoch_id{1}, 1, 3, 1, next->actor,
                                        caf::actor_cast<actor_ref>(ring)});
  open_session_request open;
  open.session = session_id{1};
  open.epoch = epoch_id{1};
  open.prompt = {1, 2};
  open.positions = 10;
  open.max_tokens = 8;
  w.get<open_session_reply>(shard, open);
  hidden_pass pass{epoch_id{1}, 1, {{session_id{1}, step_id{0}, 0, {7}, 0, {}}}};
  auto& step = pass.steps.front();
  // Nothing of a wrong shape is computed.
  step.rows = activation::own(1, 3, {1, 2, 3});
  w.tell(shard, pass);
  w.run();
  REQUIRE(faults->size() == 1);
  CHECK(faults->back().stage == 1);
  CHECK(faults->back().code == errc::bad_message);
  CHECK(faults->back().message.find("1 x 3") != std::string::npos);
  step.step = step_id{1};
  step.rows = activation::own(1, 48, std::vector<float>(48, std::nanf("")));
  w.tell(shard, pass);
  w.run();
  REQUIRE(faults->size() == 2);
  CHECK(faults->back().code == errc::not_finite);
  step.step = step_id{2};
  step.rows = activation::own(1, 48, std::vector<float>(48, 0.5f));
  w.tell(shard, pass);
  w.run();
  CHECK(faults->size() == 2);
  const auto about = w.get<shard_description>(shard, shard_describe_request{});
  CHECK(about.sessions == 1);
  CHECK(about.steps == 3);
  // Its ring gone, it is as it was before.
  caf::anon_send_exit(ring, caf::exit_reason::kill);
  w.run();
  CHECK(w.get<shard_description>(shard, shard_describe_request{}).sessions == 0);
  check_error(w.call<open_session_reply>(shard, open), errc::bad_request, {"no ring"});
}
