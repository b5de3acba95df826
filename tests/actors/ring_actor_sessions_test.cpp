// Many sessions: room, waiting, prompts that begin alike; and guesses ahead.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/actors/ring_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

json halves(const std::string& model) {
  return ring_of(model, {stage(0, 2), stage(2, 4)});
}

/// A ring with room for so many sessions of 64 positions.
json ring_with_room(std::uint32_t sessions) {
  auto out = halves("qwen2");
  // 2 blocks of 2 heads, keys of 8 numbers and values of 8 padded to 16.
  const auto bytes = sessions * 64 * 2 * 2 * (8 + 16) * 4;
  out["engine"] = {{"kv_memory", std::to_string(bytes)}};
  return out;
}

/// Fills its 64 positions.
generate_request session_of_64() {
  generate_request out;
  out.prompt_ids = std::vector<token_id>(4, 5);
  out.max_tokens = 60;
  out.ignore_end = true;
  return out;
}

} // namespace

TEST_CASE("sessions wait for room in the order they came") {
  ring_world w(ring_with_room(1));
  w.assembled();
  std::vector<std::shared_ptr<heard>> out;
  std::vector<std::shared_ptr<std::optional<expected<generate_reply>>>> asked;
  for (int i = 0; i < 4; ++i) {
    out.push_back(std::make_shared<heard>());
    auto request = session_of_64();
    request.prompt_ids.back() = i;
    request.sink = w.sink(out.back());
    asked.push_back(w.ask<generate_reply>(w.main, std::move(request)));
  }
  // While one is at it, the others have nothing.
  std::vector<int> order;
  while (w.step()) {
    int under_way = 0;
    for (int i = 0; i < 4; ++i) {
      under_way += !out[i]->tokens.empty() && out[i]->ends.empty() ? 1 : 0;
      if (!out[i]->tokens.empty() && std::ranges::find(order, i) == order.end())
        order.push_back(i);
    }
    CHECK(under_way <= 1);
  }
  CHECK(order == std::vector{0, 1, 2, 3});
  for (int i = 0; i < 4; ++i) {
    REQUIRE(out[i]->ends.size() == 1);
    CHECK(out[i]->ends[0].finish == finish_reason::length);
    CHECK(out[i]->tokens.size() == 60);
  }
}

TEST_CASE("when too many wait, who asks is told to ask later") {
  auto settings = ring_with_room(1);
  settings["most_waiting"] = 1;
  ring_world w(settings);
  w.assembled();
  const auto first = std::make_shared<heard>(), second = std::make_shared<heard>();
  w.begin(session_of_64(), first, 3);
  auto request = session_of_64();
  request.sink = w.sink(second);
  const auto waiting = w.ask<generate_reply>(w.main, request);
  request.sink = w.sink(std::make_shared<heard>());
  const auto third = w.ask<generate_reply>(w.main, std::move(request));
  while (!*third && w.step())
    continue;
  REQUIRE(*third);
  check_error(**third, errc::busy, {"ring main is busy", "retry after", " s"});
  CHECK(first->ends.empty());
  w.run();
  CHECK(first->ends.size() == 1);
  REQUIRE(second->ends.size() == 1);
  CHECK(second->tokens.size() == 60);
}

TEST_CASE("who waits too long is told to ask later; a session larger than all room never waits") {
  auto settings = ring_with_room(1);
  settings["wait_ms"] = 1000;
  ring_world w(settings);
  w.assembled();
  auto larger = session_of_64();
  larger.max_tokens = 100;
  check_error(w.generate(larger, w.sink(std::make_shared<heard>())), errc::context_full,
              {"kv_memory", "fewer tokens"});
  const auto first = std::make_shared<heard>();
  w.begin(session_of_64(), first, 3);
  auto request = session_of_64();
  request.sink = w.sink(std::make_shared<heard>());
  const auto waiting = w.ask<generate_reply>(w.main, std::move(request));
  // Time goes faster than the first session.
  for (int tick = 0; tick < 6 && !*waiting; ++tick) {
    w.scheduler.advance_time(std::chrono::milliseconds{500});
    for (int i = 0; i < 8; ++i)
      w.step();
  }
  REQUIRE(*waiting);
  CHECK(first->ends.empty());
  check_error(**waiting, errc::busy, {"no room for 1000 ms", "retry after"});
}

TEST_CASE("the same prompt is computed once") {
  ring_world w(halves("qwen2"));
  w.assembled();
  auto request = session_of_64();
  request.prompt_ids.assign(70, 5);
  for (int i = 0; i < 70; ++i)
    request.prompt_ids[i] = i;
  request.max_tokens = 5;
  const auto once = w.answer(request);
  const auto again = w.answer(request);
  CHECK(again.ids() == once.ids());
  request.prompt_ids.resize(40);
  CHECK(w.answer(request).tokens.size() == 5);
}

TEST_CASE("speculation changes no token") {
  const auto golden = golden_of("qwen2");
  for (const auto& how : {json{{"speculation", "prompt_lookup"}},
                          json{{"draft", model_dir("qwen2").string()}, {"speculation", "draft"}}}) {
    auto settings = halves("qwen2");
    settings["engine"] = how;
    ring_world w(settings);
    w.assembled();
    for (const auto& wanted : golden.cases)
      CHECK(w.answer(golden_request(wanted)).ids() == wanted.generated_ids);
    // Its own draft is nearly always right.
    if (how.contains("draft"))
      CHECK(w.shard("main.1").steps <
            3 * golden.cases.size() * golden.cases[0].generated_ids.size() / 4);
  }
}

TEST_CASE("a draft model of another vocabulary is refused by name") {
  auto settings = halves("qwen2");
  settings["engine"] = {{"draft", std::string(DCI_SOURCE_DIR) + "/apps/assets/tiny"},
                        {"speculation", "draft"}};
  ring_world w(settings);
  check_error(w.assemble(), errc::bad_config,
              {"draft model", "assets/tiny", "qwen2", "vocabulary"});
  // And one that is not there.
  settings["engine"]["draft"] = "/nowhere";
  ring_world other(settings);
  check_error(other.assemble(), errc::bad_file, {"/nowhere"});
}

TEST_CASE("a ring may round its rows, but all of it must") {
  auto settings = halves("qwen2");
  settings["engine"] = {{"activations", "f16"}};
  ring_world w(settings);
  w.assembled();
  CHECK(w.answer(golden_request(golden_of("qwen2").cases[0])).tokens.size() > 0);
  settings["stages"][1]["actor"] = "exact";
  ring_world mixed(settings);
  REQUIRE(mixed.spawn("shard_executor", "exact",
                      {{"model", model_dir("qwen2").string()}, {"layers", {2, 4}}}));
  check_error(mixed.assemble(), errc::bad_config, {"stage 2 of 2", "f32", "f16"});
}
