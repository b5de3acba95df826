// The ring with its stages: assembled, asked, cancelled.
#include <doctest/doctest.h>

#include "tests/actors/ring_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

json halves(const std::string& model) {
  return ring_of(model, {stage(0, 2), stage(2, 4)});
}
json quarters(const std::string& model) {
  return ring_of(model, {stage(0, 1), stage(1, 2), stage(2, 3), stage(3, 4)});
}

} // namespace

TEST_CASE("a ring says what it is made of, before and after") {
  ring_world w(halves("qwen2"));
  auto about = w.get<ring_description>(w.main, ring_describe_request{});
  CHECK(about.name == "main");
  CHECK(about.stages.empty());
  about = w.assembled();
  CHECK(about.model == model_dir("qwen2").string());
  CHECK(about.epoch == epoch_id{1});
  CHECK(about.model_layers == 4);
  CHECK(about.context == 128);
  CHECK(about.sessions == 0);
  REQUIRE(about.stages.size() == 2);
  CHECK(about.stages[0].host == "here");
  CHECK(about.stages[0].actor == "main.1");
  CHECK(about.stages[0].layers == layer_span{0, 2});
  CHECK(about.stages[1].layers == layer_span{2, 4});
  CHECK(about.stages[1].weight_bytes > 0);
  CHECK(w.names() == "main main.1 main.2 planner");
  // Asked again, it changes nothing.
  CHECK(w.assembled().epoch == epoch_id{1});
  CHECK(w.names() == "main main.1 main.2 planner");
}

TEST_CASE("several who want the ring together get the same ring") {
  ring_world w(halves("qwen2"));
  const auto one = w.ask<ring_description>(w.main, assemble_request{});
  const auto two = w.ask<ring_description>(w.main, assemble_request{});
  w.run();
  REQUIRE((*one && *two));
  REQUIRE((**one && **two));
  CHECK((**one)->epoch == epoch_id{1});
  CHECK((**two)->epoch == epoch_id{1});
}

TEST_CASE("golden tokens and logits, however the ring is cut") {
  for (const auto* model : {"llama3rope", "mistral-sharded", "qwen2", "qwen3", "gpt2"}) {
    const auto golden = golden_of(model);
    for (const auto& settings : {ring_of(model, {stage(0, 4)}), halves(model),
                                 ring_of(model, {stage(0, 3), stage(3, 4)}), quarters(model)}) {
      CAPTURE(settings.dump());
      ring_world w(settings);
      w.assembled();
      for (const auto& wanted : golden.cases) {
        auto request = golden_request(wanted);
        request.want_logits = true;
        const auto out = w.answer(request);
        REQUIRE_FALSE(out.tokens.empty());
        const auto outcome = compare(wanted, out.ids(), out.tokens[0].logits.values());
        CHECK(outcome.token_exact);
        CHECK(outcome.max_abs_logit_difference < 5e-4);
        const auto& end = out.ends.front();
        CHECK(end.finish == finish_reason::length);
        CHECK(end.code == errc::none);
        CHECK(end.prompt_tokens == wanted.prompt_ids.size());
        CHECK(end.tokens == wanted.generated_ids.size());
        CHECK(end.session == out.tokens.front().session);
      }
    }
  }
}

TEST_CASE("without layers, the planner cuts") {
  ring_world w(ring_of("qwen2", {json::object()}));
  const auto about = w.assembled();
  REQUIRE(about.stages.size() == 1);
  CHECK(about.stages[0].layers == layer_span{0, 4});
  const auto wanted = golden_of("qwen2").cases.front();
  CHECK(w.answer(golden_request(wanted)).ids() == wanted.generated_ids);
}

TEST_CASE("a ring can take executors that are there already") {
  ring_world w(ring_of("qwen2", {stage("front", 0, 1), stage(1, 4)}));
  const auto front = w.spawn("shard_executor", "front",
                             {{"model", model_dir("qwen2").string()}, {"layers", {0, 1}}});
  REQUIRE(front);
  CHECK(w.assembled().stages[0].actor == "front");
  const auto wanted = golden_of("qwen2").cases.back();
  CHECK(w.answer(golden_request(wanted)).ids() == wanted.generated_ids);
  // The ring ends what it started, and leaves the other one free for a new ring.
  w.get<actor_info>(w.node, stop_request{"main"});
  w.run();
  CHECK(w.names() == "front planner");
  const auto again =
      w.start<ring_actor>("ring", "again", ring_of("qwen2", {stage("front", 0, 1), stage(1, 4)}));
  CHECK(w.call<ring_description>(again, assemble_request{}));
}

TEST_CASE("an executor serves one ring at a time") {
  ring_world w(ring_of("qwen2", {stage("front", 0, 1), stage(1, 4)}));
  REQUIRE(w.spawn("shard_executor", "front",
                  {{"model", model_dir("qwen2").string()}, {"layers", {0, 1}}}));
  w.assembled();
  const auto second =
      w.start<ring_actor>("ring", "second", ring_of("qwen2", {stage("front", 0, 1), stage(1, 4)}));
  check_error(w.call<ring_description>(second, assemble_request{}), errc::already_exists,
              {"ring second", "stage 1 of 2", "front", "\"main\""});
  const auto wanted = golden_of("qwen2").cases.front();
  CHECK(w.answer(golden_request(wanted)).ids() == wanted.generated_ids);
}

TEST_CASE("a name that is taken is no obstacle for the ring's own stages") {
  ring_world w(halves("qwen2"));
  REQUIRE(w.spawn("partition_planner", "main.2", json::object()));
  REQUIRE(w.spawn("partition_planner", "main.2-2", json::object()));
  const auto about = w.assembled();
  CHECK(about.stages[0].actor == "main.1");
  CHECK(about.stages[1].actor == "main.2-3");
  const auto wanted = golden_of("qwen2").cases.front();
  CHECK(w.answer(golden_request(wanted)).ids() == wanted.generated_ids);
}

TEST_CASE("answers grow side by side") {
  ring_world w(quarters("qwen3"));
  w.assembled();
  const auto golden = golden_of("qwen3");
  std::vector<std::shared_ptr<heard>> outs;
  for (int round = 0; round < 3; ++round)
    for (const auto& wanted : golden.cases) {
      auto request = golden_request(wanted);
      outs.push_back(std::make_shared<heard>());
      request.sink = w.sink(outs.back());
      w.ask<generate_reply>(w.main, std::move(request));
    }
  w.run();
  for (std::size_t i = 0; i < outs.size(); ++i) {
    CHECK(outs[i]->ids() == golden.cases[i % golden.cases.size()].generated_ids);
    REQUIRE(outs[i]->ends.size() == 1);
    CHECK(outs[i]->ends[0].session == outs[i]->tokens[0].session);
    for (std::size_t k = 0; k < outs[i]->tokens.size(); ++k)
      CHECK(outs[i]->tokens[k].index == k);
  }
  CHECK(w.shard("main.1").sessions == 0);
  CHECK(w.shard("main.4").sessions == 0);
  CHECK(w.shard("main.4").dropped == 0);
  CHECK(w.get<ring_description>(w.main, ring_describe_request{}).sessions == 0);
}

TEST_CASE("one sink may hear several answers; its first end does not deafen the ring") {
  ring_world w(halves("qwen2"));
  w.assembled();
  const auto out = std::make_shared<heard>();
  const auto sink = w.sink(out);
  auto request = golden_request(golden_of("qwen2").cases[0]);
  request.sink = sink;
  request.max_tokens = 2;
  w.ask<generate_reply>(w.main, request);
  request.max_tokens = 60;
  w.ask<generate_reply>(w.main, request);
  w.run();
  CHECK(out->ends.size() == 2);
  CHECK(out->tokens.size() == 62);
  // And when it dies, no session of it goes on.
  w.ask<generate_reply>(w.main, request);
  w.ask<generate_reply>(w.main, request);
  while (out->tokens.size() < 70 && w.step())
    continue;
  w.kill(sink);
  w.run();
  CHECK(w.get<ring_description>(w.main, ring_describe_request{}).sessions == 0);
  CHECK(w.shard("main.1").sessions == 0);
  CHECK(w.shard("main.1").steps < 2 + 60 + 2 * 60);
}

TEST_CASE("an end-of-sequence token ends an answer, unless it is ignored") {
  const auto model = open_model(model_dir("qwen2"));
  REQUIRE(model);
  ring_world w(halves("qwen2"));
  w.assembled();
  generate_request request;
  request.prompt_ids = {5};
  request.max_tokens = 120;
  request.sampling.temperature = 20; // nearly every token is as likely as any other
  request.ignore_end = true;
  std::vector<token_id> all;
  auto end = all.end();
  while (end == all.end()) {
    ++request.sampling.seed;
    REQUIRE(request.sampling.seed < 100);
    all = w.answer(request).ids();
    CHECK(all.size() == 120);
    end = std::find(all.begin(), all.end(), (*model)->eos.front());
  }
  request.ignore_end = false;
  const auto out = w.answer(request);
  CHECK(out.ids() == std::vector<token_id>(all.begin(), end + 1));
  CHECK(out.ends[0].finish == finish_reason::end_of_sequence);
}

TEST_CASE("an answer stops where the context is full") {
  auto settings = halves("qwen2");
  settings["context"] = 20;
  ring_world w(settings);
  CHECK(w.assembled().context == 20);
  generate_request request;
  request.prompt_ids = {1, 2, 3, 4, 5};
  request.max_tokens = 1000;
  request.ignore_end = true;
  const auto out = w.answer(request);
  CHECK(out.tokens.size() == 15);
  CHECK(out.ends[0].finish == finish_reason::length);
  settings["context"] = 100000; // more than the model has
  ring_world whole(settings);
  CHECK(whole.assembled().context == 128);
}

TEST_CASE("a cancelled answer ends as cancelled, and its room is freed") {
  ring_world w(halves("qwen2"));
  w.assembled();
  const auto out = std::make_shared<heard>();
  auto request = golden_request(golden_of("qwen2").cases[0]);
  request.max_tokens = 100;
  const auto opened = w.begin(request, out, 3);
  CHECK(w.get<generate_reply>(w.main, cancel_request{opened.session}).session == opened.session);
  REQUIRE(out->ends.size() == 1);
  CHECK(out->ends[0].finish == finish_reason::cancelled);
  CHECK(out->ends[0].code == errc::none);
  CHECK(out->ends[0].message == "");
  CHECK(out->tokens.size() < 10);
  CHECK(w.shard("main.1").sessions == 0);
  CHECK(w.shard("main.2").sessions == 0);
  check_error(w.call<generate_reply>(w.main, cancel_request{opened.session}), errc::not_found,
              {to_string(opened.session)});
}

TEST_CASE("a sink that is gone wants no more tokens") {
  ring_world w(halves("qwen2"));
  w.assembled();
  const auto out = std::make_shared<heard>();
  auto request = golden_request(golden_of("qwen2").cases[0]);
  request.max_tokens = 100;
  request.sink = w.sink(out);
  w.ask<generate_reply>(w.main, request);
  while (out->tokens.size() < 3 && w.step())
    continue;
  w.kill(request.sink);
  w.run();
  CHECK(w.get<ring_description>(w.main, ring_describe_request{}).sessions == 0);
  CHECK(w.shard("main.1").sessions == 0);
  CHECK(w.shard("main.1").steps < 20);
}

TEST_CASE("a request that cannot work is refused with its reason") {
  ring_world w(halves("qwen2"));
  const auto out = std::make_shared<heard>();
  const auto to = w.sink(out);
  generate_request fine;
  fine.prompt_ids = {1, 2, 3};
  check_error(w.generate(fine, to), errc::bad_request, {"main", "not assembled"});
  w.assembled();
  auto bad = fine;
  bad.prompt_ids = {1, 96};
  check_error(w.generate(bad, to), errc::bad_request, {"96", "vocabulary of 96"});
  bad.prompt_ids = {-1};
  check_error(w.generate(bad, to), errc::bad_request, {"-1"});
  bad.prompt_ids = std::vector<token_id>(128, 5);
  check_error(w.generate(bad, to), errc::context_full, {"128 tokens", "128 positions"});
  bad.prompt_ids.clear();
  bad.prompt = "text";
  check_error(w.generate(bad, to), errc::bad_request, {"tokenizer.json", "ids"});
  bad = fine;
  bad.max_tokens = 0;
  check_error(w.generate(bad, to), errc::bad_request, {"max_tokens"});
  bad = fine;
  bad.sampling.temperature = -1;
  check_error(w.generate(bad, to), errc::bad_request, {"temperature"});
  CHECK(out->ends.empty());
  CHECK(w.get<ring_description>(w.main, ring_describe_request{}).sessions == 0);
  CHECK(w.generate(fine, to));
}

TEST_CASE("the longest prompt has room for one token") {
  ring_world w(halves("qwen2"));
  w.assembled();
  generate_request request;
  request.prompt_ids = std::vector<token_id>(127, 5);
  request.ignore_end = true;
  CHECK(w.answer(request).tokens.size() == 1);
}

TEST_CASE("what claims to come from a stage but does not fit is ignored") {
  ring_world w(halves("qwen2"));
  w.assembled();
  const auto out = std::make_shared<heard>();
  auto request = golden_request(golden_of("qwen2").cases[0]);
  const auto opened = w.begin(request, out, 3);
  const auto inside = opened.session;
  tokens_event event{epoch_id{0}, {{inside, 3, 7, finish_reason::length, {}}}};
  const auto say = [&](step_message message, epoch_id epoch = epoch_id{1}, std::uint32_t link = 3) {
    w.tell(w.main, step_frame{epoch, link, 0, std::move(message)});
  };
  say(event); // an old epoch
  event.epoch = epoch_id{1};
  event.tokens[0].session = session_id{1};
  say(event); // no session
  event.tokens[0].session = inside;
  event.tokens[0].index = 1;
  say(event); // heard already
  event.tokens[0].index = 3;
  say(event, epoch_id{0});    // a frame of an old epoch
  say(event, epoch_id{1}, 1); // a link between stages
  say(event, epoch_id{1}, 4); // no link of this ring
  say(step_failed_event{inside, epoch_id{0}, step_id{9}, 1, errc::internal, "old"});
  say(step_failed_event{inside, epoch_id{1}, step_id{9}, 0, errc::internal, "another's"});
  say(open_session_reply{inside, 1, 1, 0, errc::busy, "late"});
  say(close_session_event{inside, epoch_id{1}});
  w.run();
  CHECK(out->ids() == golden_of("qwen2").cases[0].generated_ids);
  CHECK(out->ends.size() == 1);
}
