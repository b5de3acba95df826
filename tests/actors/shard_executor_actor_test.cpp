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

/// What a ring hears of its stages.
using heard_messages = std::shared_ptr<std::vector<step_message>>;

/// A ring that only listens.
ring_actor::behavior_type noting_ring(ring_actor::pointer, heard_messages heard) {
  return {
      [](const assemble_request&) { return ring_description{}; },
      [](const ring_describe_request&) { return ring_description{}; },
      [](const generate_request&) { return generate_reply{}; },
      [](const cancel_request&) { return generate_reply{}; },
      [heard](step_frame& frame) { heard->push_back(std::move(frame.message)); },
      [](const link_report_event&) {},
  };
}

link_end at(const actor_ref& actor) {
  link_end out;
  out.actor = actor;
  return out;
}

wire_request wiring(const actor_ref& next, const actor_ref& coordinator, std::uint32_t stage = 0,
                    std::uint32_t stages = 1) {
  wire_request out;
  out.ring = "main";
  out.epoch = epoch_id{1};
  out.stage = stage;
  out.stages = stages;
  out.previous = at(next);
  out.next = at(next);
  out.coordinator = at(coordinator);
  return out;
}

/// From the ring, or from the stage before.
step_frame frame_of(std::uint32_t link, step_message message) {
  return {epoch_id{1}, link, 0, std::move(message)};
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
  w.tell(shard, frame_of(1, open));
  w.tell(shard, frame_of(1, token_step{session_id{1}, epoch_id{1}, step_id{0}, 0, {1}, 0}));
  w.tell(shard, frame_of(0, hidden_pass{epoch_id{1}, 1, {}}));
  w.tell(shard, frame_of(0, turn_event{epoch_id{1}, 1, {}}));
  w.tell(shard, frame_of(1, close_session_event{session_id{1}, epoch_id{1}}));
  w.tell(shard, link_report_event{epoch_id{1}, 0, 5, true, false});
  w.run();
  const auto about = w.get<shard_description>(shard, shard_describe_request{});
  CHECK(about.steps == 0);
  CHECK(about.links.empty());
}

TEST_CASE("in a ring, steps go on to the neighbour and faults to the ring") {
  world w;
  const auto heard = std::make_shared<std::vector<step_message>>();
  const auto shard = w.start<shard_executor_actor>("shard_executor", "middle", settings());
  const auto next = w.spawn("fake_executor", "next",
                            {{"fingerprint", ""}, {"layers", {3, 4}}, {"ignores_steps", true}});
  REQUIRE(next);
  const auto ring = w.system.spawn(noting_ring, heard);
  w.get<shard_description>(shard, load_request{});
  w.get<wire_reply>(shard, wiring(next->actor, caf::actor_cast<actor_ref>(ring), 1, 3));
  open_session_request open;
  open.session = session_id{1};
  open.epoch = epoch_id{1};
  open.prompt = {1, 2};
  open.positions = 10;
  open.max_tokens = 8;
  open.attempt = 7;
  w.tell(shard, frame_of(4, open));
  w.run();
  REQUIRE(heard->size() == 1);
  const auto opened = std::get<open_session_reply>(heard->back());
  CHECK(opened.session == open.session);
  CHECK(opened.attempt == 7);
  CHECK(opened.stage == 1);
  CHECK(opened.code == errc::none);
  // Opened twice is a fault, said in the answer.
  w.tell(shard, frame_of(4, open));
  w.run();
  REQUIRE(heard->size() == 2);
  CHECK(std::get<open_session_reply>(heard->back()).code == errc::bad_request);
  heard->clear();
  const auto fault = [&] { return std::get<step_failed_event>(heard->back()); };
  hidden_pass pass{epoch_id{1}, 1, {{session_id{1}, step_id{0}, 0, {7}, 0, {}}}};
  auto& step = pass.steps.front();
  // Nothing of a wrong shape is computed.
  step.rows = activation::own(1, 3, {1, 2, 3});
  w.tell(shard, frame_of(0, pass));
  w.run();
  REQUIRE(heard->size() == 1);
  CHECK(fault().stage == 1);
  CHECK(fault().code == errc::bad_message);
  CHECK(fault().message.find("1 x 3") != std::string::npos);
  step.step = step_id{1};
  step.rows = activation::own(1, 48, std::vector<float>(48, std::nanf("")));
  w.tell(shard, frame_of(0, pass));
  w.run();
  REQUIRE(heard->size() == 2);
  CHECK(fault().code == errc::not_finite);
  step.step = step_id{2};
  step.rows = activation::own(1, 48, std::vector<float>(48, 0.5f));
  w.tell(shard, frame_of(0, pass));
  w.run();
  CHECK(heard->size() == 2);
  const auto about = w.get<shard_description>(shard, shard_describe_request{});
  CHECK(about.sessions == 1);
  CHECK(about.steps == 3);
  REQUIRE(about.links.size() == 3);
  CHECK(about.links[0].carrier == "inside");
  // Other epochs and other links are nobody's.
  w.tell(shard, step_frame{epoch_id{2}, 4, 0, close_session_event{session_id{1}, epoch_id{1}}});
  w.tell(shard, frame_of(3, close_session_event{session_id{1}, epoch_id{1}}));
  w.tell(shard, frame_of(4, tokens_event{}));
  w.run();
  CHECK(w.get<shard_description>(shard, shard_describe_request{}).sessions == 1);
  // Its ring gone, it is as it was before.
  caf::anon_send_exit(ring, caf::exit_reason::kill);
  w.run();
  CHECK(w.get<shard_description>(shard, shard_describe_request{}).sessions == 0);
}
