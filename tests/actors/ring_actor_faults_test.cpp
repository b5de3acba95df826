// What a ring does when a stage is wrong, refuses, stays silent or dies.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/actors/ring_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

json halves() {
  return ring_of("qwen2", {stage(0, 2), stage(2, 4)});
}

generate_request endless() {
  auto request = golden_request(golden_of("qwen2").cases[0]);
  request.max_tokens = 100;
  return request;
}

/// A ring whose second half is a fake.
json with_fake() {
  return ring_of("qwen2", {stage(0, 2), stage("fake", 2, 4)});
}
json fake(json more = json::object()) {
  more["fingerprint"] = fingerprint_of("qwen2");
  more["layers"] = {2, 4};
  return more;
}

} // namespace

TEST_CASE("a stage that dies ends its sessions with its name and theirs") {
  ring_world w(halves());
  w.assembled();
  const auto victim = w.actor("main.2");
  const auto one = std::make_shared<heard>();
  const auto two = std::make_shared<heard>();
  auto other = endless();
  other.sink = w.sink(two);
  w.ask<generate_reply>(w.main, other);
  const auto opened = w.begin(endless(), one, 3);
  w.kill(victim);
  w.run();
  for (const auto& out : {one, two}) {
    REQUIRE(out->ends.size() == 1);
    const auto& end = out->ends[0];
    CHECK(end.finish == finish_reason::failed);
    CHECK(end.code == errc::peer_lost);
    CHECK(end.message == "session " + to_string(end.session) +
                             ": stage 2 of 2 (here, layers [2, 4)) is lost: killed");
    CHECK(end.tokens == out->tokens.size());
  }
  CHECK(one->ends[0].session == opened.session);
  CHECK(one->tokens.size() < 20);
  // What was left of the ring is gone, and who asks hears why.
  CHECK(w.names() == "main planner");
  CHECK(w.get<ring_description>(w.main, ring_describe_request{}).stages.empty());
  check_error(w.generate(endless(), w.sink(one)), errc::peer_lost,
              {"ring main", "stage 2 of 2", "lost"});
}

TEST_CASE("a ring that fell apart can be put together again") {
  ring_world w(halves());
  w.assembled();
  const auto victim = w.actor("main.1");
  const auto out = std::make_shared<heard>();
  w.begin(endless(), out, 3);
  w.kill(victim);
  w.run();
  CHECK(out->ends.front().code == errc::peer_lost);
  const auto about = w.assembled();
  CHECK(about.epoch == epoch_id{2});
  CHECK(about.stages[0].actor == "main.1.e2");
  CHECK(w.names() == "main main.1.e2 main.2.e2 planner");
  const auto wanted = golden_of("qwen2").cases[1];
  CHECK(w.answer(golden_request(wanted)).ids() == wanted.generated_ids);
}

TEST_CASE("the ring's own end ends its stages and nothing else") {
  ring_world w(halves());
  w.assembled();
  const auto out = std::make_shared<heard>();
  w.begin(endless(), out, 3);
  w.kill(caf::actor_cast<actor_ref>(w.main));
  w.run();
  CHECK(out->tokens.size() < 20);
  CHECK(w.names() == "planner");
}

TEST_CASE("a stage that stays silent ends the session when the step is overdue") {
  auto settings = with_fake();
  settings["step_timeout_ms"] = 5000;
  ring_world w(settings);
  REQUIRE(w.spawn("fake_executor", "fake", fake({{"ignores_steps", true}})));
  w.assembled();
  const auto out = std::make_shared<heard>();
  const auto opened = w.generate(endless(), w.sink(out));
  REQUIRE(opened);
  w.wait(5s);
  CHECK(out->ends.empty());
  w.wait(1s);
  REQUIRE(out->ends.size() == 1);
  CHECK(out->ends[0].code == errc::timed_out);
  CHECK(out->ends[0].finish == finish_reason::failed);
  CHECK(out->ends[0].message.find("session " + to_string(opened->session)) == 0);
  CHECK(out->ends[0].message.find("5000 ms") != std::string::npos);
  CHECK(w.shard("main.1").sessions == 0);
  // The ring stands; the next session has its full time.
  const auto next = std::make_shared<heard>();
  REQUIRE(w.generate(endless(), w.sink(next)));
  w.wait(4s);
  CHECK(next->ends.empty());
  w.wait(2s);
  CHECK(next->ends.size() == 1);
}

TEST_CASE("while tokens come, no step is overdue, however long the answer takes") {
  auto settings = halves();
  settings["step_timeout_ms"] = 1000;
  ring_world w(settings);
  w.assembled();
  const auto out = std::make_shared<heard>();
  w.begin(golden_request(golden_of("qwen2").cases[0]), out, 1);
  while (out->ends.empty()) {
    const auto before = out->tokens.size();
    while (out->tokens.size() == before && out->ends.empty() && w.step())
      continue;
    w.scheduler.advance_time(400ms);
  }
  CHECK(out->ids() == golden_of("qwen2").cases[0].generated_ids);
  CHECK(out->ends[0].tokens_per_s == doctest::Approx(2.5).epsilon(0.1));
}

TEST_CASE("a failing step names stage, step and session") {
  ring_world w(with_fake());
  REQUIRE(w.spawn("fake_executor", "fake", fake()));
  w.assembled();
  const auto out = std::make_shared<heard>();
  const auto opened = w.generate(endless(), w.sink(out));
  REQUIRE(opened);
  REQUIRE(out->ends.size() == 1);
  CHECK(out->ends[0].code == errc::not_finite);
  CHECK(out->ends[0].message ==
        "session " + to_string(opened->session) +
            ": stage 2 of 2 (here, layers [2, 4)), step 0: numbers ran away");
  CHECK(w.shard("main.1").sessions == 0);
}

TEST_CASE("a session that one stage refuses is opened nowhere, and who asked hears it") {
  ring_world w(with_fake());
  REQUIRE(w.spawn("fake_executor", "fake", fake({{"refuses_sessions", true}})));
  w.assembled();
  const auto out = std::make_shared<heard>();
  check_error(w.generate(endless(), w.sink(out)), errc::context_full,
              {"stage 2 of 2", "fake has no room"});
  CHECK(out->ends.empty());
  CHECK(out->tokens.empty());
  CHECK(w.shard("main.1").sessions == 0);
  CHECK(w.get<ring_description>(w.main, ring_describe_request{}).sessions == 0);
}

TEST_CASE("a stage that dies while a session is opened ends the request for it") {
  ring_world w(halves());
  w.assembled();
  const auto victim = w.actor("main.2");
  auto request = endless();
  const auto out = std::make_shared<heard>();
  request.sink = w.sink(out);
  w.kill(victim); // it is dead before the ring hears of it
  const auto opened = w.ask<generate_reply>(w.main, request);
  w.run();
  REQUIRE(*opened);
  check_error(**opened, errc::peer_lost, {"stage 2 of 2"});
  CHECK(out->ends.empty());
}

TEST_CASE("a stage that holds another model is found out") {
  ring_world w(ring_of("qwen2", {stage("front", 0, 2), stage(2, 4)}));
  REQUIRE(w.spawn("shard_executor", "front",
                  {{"model", model_dir("mistral-sharded").string()}, {"layers", {0, 2}}}));
  check_error(w.assemble(), errc::bad_config,
              {"ring main", "stage 1 of 2", "another model", "mistral-sharded", "qwen2"});
  CHECK(w.names() == "front main planner");
}

TEST_CASE("a stage that holds other layers is found out") {
  ring_world w(ring_of("qwen2", {stage("front", 0, 2), stage(2, 4)}));
  REQUIRE(w.spawn("shard_executor", "front",
                  {{"model", model_dir("qwen2").string()}, {"layers", {0, 3}}}));
  check_error(w.assemble(), errc::bad_config, {"stage 1 of 2", "[0, 2)", "[0, 3) instead"});
}

TEST_CASE("a ring that cannot be put together says where it failed, and tries anew when asked") {
  temp_dir dir;
  const auto copy = dir.path() / "model";
  ring_world w({{"model", copy.string()}, {"stages", {stage(0, 2), stage(2, 4)}}});
  check_error(w.assemble(), errc::bad_file, {"ring main", copy.string()});
  check_error(w.assemble(), errc::bad_file, {"ring main", copy.string()});
  std::filesystem::copy(model_dir("qwen2"), copy);
  CHECK(w.assembled().epoch == epoch_id{3});
  const auto wanted = golden_of("qwen2").cases[0];
  CHECK(w.answer(golden_request(wanted)).ids() == wanted.generated_ids);
}

TEST_CASE("impossible stages are refused before anything is loaded") {
  const auto fault = [](json stages) {
    ring_world w(ring_of("qwen2", std::move(stages)));
    auto out = w.assemble();
    CHECK(w.names() == "main planner");
    return out;
  };
  check_error(fault(json::array()), errc::bad_config, {"ring main", "no stages"});
  check_error(fault({stage(0, 2), stage(3, 4)}), errc::bad_config, {"leaves out", "[2, 3)"});
  check_error(fault({stage(0, 2), stage(2, 9)}), errc::bad_config, {"beyond", "4 layers"});
  check_error(fault({stage(0, 4), json::object()}), errc::bad_config, {"every stage or for none"});
  check_error(fault({stage("nobody", 0, 4)}), errc::not_found, {"stage 1 of 1", "\"nobody\""});
  auto unknown = ring_of("qwen2", {json::object()});
  unknown["strategy"] = "by_colour";
  ring_world w(unknown);
  check_error(w.assemble(), errc::bad_request, {"planner", "by_colour"});
}

TEST_CASE("an actor of another kind cannot be a stage") {
  ring_world w(ring_of("qwen2", {stage("planner", 0, 4)}));
  check_error(w.assemble(), errc::bad_request, {"stage 1 of 1", "does not understand"});
}

TEST_CASE("weights that never come end the attempt when their time is up") {
  auto settings = with_fake();
  settings["load_timeout_ms"] = 3000;
  ring_world w(settings);
  REQUIRE(w.spawn("fake_executor", "fake", fake({{"ignores_load", true}})));
  const auto assembled = w.ask<ring_description>(w.main, assemble_request{});
  w.run();
  w.wait(2s);
  CHECK_FALSE(*assembled);
  w.wait(2s);
  REQUIRE(*assembled);
  check_error(**assembled, errc::timed_out, {"ring main", "stage 2 of 2", "no answer in time"});
  CHECK(w.names() == "fake main planner");
}

TEST_CASE("a stage that dies while the ring is put together ends the attempt") {
  ring_world w(with_fake());
  const auto made = w.spawn("fake_executor", "fake", fake({{"ignores_load", true}}));
  REQUIRE(made);
  const auto assembled = w.ask<ring_description>(w.main, assemble_request{});
  w.run();
  CHECK_FALSE(*assembled);
  w.kill(made->actor);
  w.run();
  REQUIRE(*assembled);
  check_error(**assembled, errc::peer_lost, {"ring main", "stage 2 of 2", "lost"});
  CHECK(w.names() == "main planner");
}

TEST_CASE("a stage that claims to know more than the prompt is not believed") {
  const auto small = fingerprint_of("qwen2");
  ring_world w(ring_of("qwen2", json::array({stage("fake", 0, 4)})));
  REQUIRE(w.spawn("fake_executor", "fake",
                  {{"fingerprint", small}, {"layers", {0, 4}}, {"known", 5000}}));
  w.assembled();
  const auto out = std::make_shared<heard>();
  generate_request request;
  request.prompt_ids = {1, 2, 3};
  REQUIRE(w.generate(request, w.sink(out)));
  REQUIRE(out->ends.size() == 1);
  CHECK(out->ends[0].code == errc::not_finite); // what the fake says to every step
}
