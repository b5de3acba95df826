// The stage as a state machine, over a toy model.
#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

#include "tests/actors/toy_ring.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

namespace {

/// The second half of the model.
std::shared_ptr<toy_range> half() {
  return std::make_shared<toy_range>(layer_span{3, toy_layers}, toy_layers);
}

/// The only thing a stage said, a failure of that stage with this code.
template <class Message>
void check_refused(stage& by, Message message, errc code, const std::string& part) {
  const auto out = given(by, std::move(message));
  REQUIRE(out.failed.size() == 1);
  const auto& failed = out.failed.front();
  CAPTURE(failed.message);
  CHECK(to_string(failed.code) == to_string(code));
  CHECK(failed.message.find(part) != std::string::npos);
  CHECK(failed.epoch == epoch_id{3});
}

bool says_nothing(const stage_output& out) {
  return out.failed.empty() && out.tokens.tokens.empty() && out.next.index() == 0;
}

hidden_pass rows_at(std::uint32_t step, std::uint32_t position, std::uint32_t count = 1) {
  std::vector<float> values;
  for (std::uint32_t i = 0; i < count; ++i) {
    values.push_back(1);
    values.push_back(static_cast<float>(position + i));
  }
  return {epoch_id{3},
          1,
          {{session_id{1}, step_id{step}, position, std::vector<token_id>(count, 1), 0,
            activation::own(count, 2, std::move(values))}}};
}

} // namespace

TEST_CASE("tokens are the model's, whatever the cuts, the chunks and the order of delivery") {
  const auto prompt = toy_prompt(23);
  const auto wanted = toy_answer(prompt, 12);
  for (const auto stages : {1u, 2u, 3u, 6u})
    for (const auto chunk : {1u, 2u, 5u, 23u, 128u})
      for (const auto seed : {1u, 2u, 3u}) {
        CAPTURE(stages);
        CAPTURE(chunk);
        toy_ring ring(stages, chunk);
        ring.draw.seed(seed);
        ring.open(toy_session(1, prompt, 12));
        ring.run();
        CHECK(ring.ids(session_id{1}) == wanted);
        CHECK(ring.failures.empty());
        for (std::uint32_t i = 0; i < ring.tokens[session_id{1}].size(); ++i)
          CHECK((ring.tokens[session_id{1}][i].finish == finish_reason::length) == (i == 11));
      }
}

TEST_CASE("a long prompt goes in pieces, no more than may be under way") {
  for (const auto stages : {2u, 3u, 6u})
    for (const auto passes : {1u, 2u, 4u}) {
      CAPTURE(stages);
      CAPTURE(passes);
      toy_ring ring(stages, 2, passes);
      ring.open(toy_session(1, toy_prompt(41), 1));
      while (ring.stages[0].is_due())
        ring.run_stage(0);
      // Before anything has come round: the window, not the prompt.
      CHECK(ring.links[1].size() == passes);
      ring.run();
      CHECK(ring.most_passes == passes);
      CHECK(ring.ranges[0]->forwards == std::vector<std::uint32_t>{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
                                                                   2, 2, 2, 2, 2, 2, 2, 2, 2, 1});
      for (const auto& range : ring.ranges)
        CHECK(std::accumulate(range->forwards.begin(), range->forwards.end(), 0u) == 41);
      CHECK(ring.ids(session_id{1}) == toy_answer(toy_prompt(41), 1));
    }
}

TEST_CASE("alone in the ring, a stage hands the turn to itself") {
  const auto range = whole();
  auto only = one_stage(range, 4);
  const auto open = toy_session(1, toy_prompt(10), 2);
  REQUIRE(only.open(open));
  auto out = given(only, first_step(open));
  for (const auto done : {0u, 1u}) {
    CHECK(out.tokens.tokens.empty());
    const auto* turn = std::get_if<turn_event>(&out.next);
    REQUIRE(turn != nullptr);
    CHECK(turn->next.empty());
    CHECK(range->forwards.size() == done + 1);
    CHECK_FALSE(only.is_due()); // the pass has not come round
    out = given(only, *turn);
  }
  CHECK(range->forwards == std::vector<std::uint32_t>{4, 4, 2});
  CHECK(only.steps() == 3);
  REQUIRE(out.tokens.tokens.size() == 1);
  const auto& token = out.tokens.tokens.front();
  CHECK(out.tokens.epoch == epoch_id{3});
  CHECK(token.session == session_id{1});
  CHECK(token.index == 0);
  CHECK(token.finish == finish_reason::none);
  const auto& next = std::get<turn_event>(out.next).next;
  REQUIRE(next.size() == 1);
  CHECK(next[0].session == session_id{1});
  CHECK(next[0].epoch == epoch_id{3});
  CHECK(next[0].step == step_id{3});
  CHECK(next[0].position == 10);
  CHECK(next[0].tokens == std::vector<token_id>{token.token});
  CHECK(next[0].proposals == 0);
}

TEST_CASE("sessions side by side do not disturb one another") {
  toy_ring ring(3, 4);
  std::vector<open_session_request> sessions;
  for (std::uint32_t i = 1; i <= 5; ++i)
    sessions.push_back(toy_session(i, toy_prompt(6 * i, i), 3 + i));
  for (const auto& session : sessions)
    ring.open(session);
  CHECK(ring.stages[0].sessions() == 5);
  ring.run();
  for (const auto& session : sessions)
    CHECK(ring.ids(session.session) == toy_answer(session.prompt, session.max_tokens));
}

TEST_CASE("a step that comes twice counts once") {
  toy_ring ring(3, 4);
  const auto open = toy_session(1, toy_prompt(19), 9);
  ring.open(open);
  std::uint64_t copies = 0;
  while (ring.step())
    for (auto& link : ring.links)
      if (!link.empty() && ring.draw() % 8 == 0) {
        auto copy = link.back();
        std::visit([](auto& m) { m.passes = 0; }, copy);
        if (auto* pass = std::get_if<hidden_pass>(&copy))
          copies += pass->steps.size();
        else
          copies += std::get<turn_event>(copy).next.size();
        link.push_back(std::move(copy));
      }
  CHECK(says_nothing(given(ring.stages[0], first_step(open))));
  CHECK(ring.ids(session_id{1}) == toy_answer(open.prompt, 9));
  CHECK(ring.failures.empty());
  CHECK(copies > 0);
  std::uint64_t dropped = 0;
  for (const auto& one : ring.stages)
    dropped += one.dropped();
  CHECK(dropped == copies + 1);
}

TEST_CASE("a step that leaves something out is refused") {
  stage last(half(), {epoch_id{3}, 1, 2, 128, 1});
  REQUIRE(last.open(toy_session(1, toy_prompt(8), 4)));
  REQUIRE(given(last, rows_at(0, 0, 3)).failed.empty());
  check_refused(last, rows_at(2, 3), errc::bad_message, "step 2 at position 3 came where step 1");
  check_refused(last, rows_at(1, 4), errc::bad_message, "at position 3 was due");
  // What is no guess cannot be taken back.
  check_refused(last, rows_at(1, 2), errc::bad_message, "at position 2 came");
  auto again = given(last, rows_at(0, 0, 3));
  CHECK(again.failed.empty());
  CHECK(std::get<turn_event>(again.next).next.empty());
  const auto out = given(last, rows_at(1, 3));
  CHECK(out.next.index() != 0);
  CHECK(out.failed.empty());
  CHECK(last.steps() == 2);
  auto wrong = rows_at(2, 4);
  wrong.steps[0].tokens.push_back(5);
  check_refused(last, wrong, errc::bad_message, "1 rows, 2 tokens");

  auto first = one_stage(whole());
  const auto open = toy_session(1, toy_prompt(8), 4);
  REQUIRE(first.open(open));
  auto late = first_step(open);
  late.position = 1;
  check_refused(first, late, errc::bad_message, "position 1");
}

TEST_CASE("a session that comes twice in one pass counts once") {
  stage last(half(), {epoch_id{3}, 1, 2, 128, 1});
  REQUIRE(last.open(toy_session(1, toy_prompt(8), 4)));
  auto pass = rows_at(0, 0, 3);
  pass.steps.push_back(rows_at(1, 3).steps[0]);
  CHECK(given(last, pass).failed.empty());
  CHECK(last.steps() == 1);
  CHECK(last.dropped() == 1);
}

TEST_CASE("a pass of which nothing is left comes round all the same") {
  toy_ring ring(3, 4, 1);
  ring.open(toy_session(1, toy_prompt(9), 9));
  ring.run_stage(0);
  ring.stages[1].close({session_id{1}, epoch_id{3}});
  ring.stages[0].close({session_id{1}, epoch_id{3}});
  ring.run();
  ring.open(toy_session(2, toy_prompt(9), 5));
  ring.run();
  CHECK(ring.ids(session_id{2}) == toy_answer(toy_prompt(9), 5));
}

TEST_CASE("another epoch's messages are dropped, its sessions refused") {
  auto only = one_stage(whole());
  auto open = toy_session(1, toy_prompt(8), 4);
  REQUIRE(only.open(open));
  auto step = first_step(open);
  step.epoch = epoch_id{2};
  CHECK(says_nothing(given(only, step)));
  step.epoch = epoch_id{4};
  CHECK(says_nothing(given(only, step)));
  CHECK(only.dropped() == 2);
  only.close({session_id{1}, epoch_id{2}});
  CHECK(only.sessions() == 1);
  open.session = session_id{2};
  open.epoch = epoch_id{2};
  check_error(only.open(open), errc::bad_request, {"epoch 3", "not 2"});
  const auto out = given(only, first_step(toy_session(1, toy_prompt(8), 4)));
  CHECK(out.tokens.tokens.size() == 1);
}

TEST_CASE("steps of a closed session are dropped, of an unknown one refused") {
  auto only = one_stage(whole());
  const auto open = toy_session(1, toy_prompt(8), 4);
  check_refused(only, first_step(open), errc::bad_message, "never opened");
  REQUIRE(only.open(open));
  only.close({session_id{1}, epoch_id{3}});
  CHECK(only.sessions() == 0);
  CHECK(says_nothing(given(only, first_step(open))));
  CHECK(only.dropped() == 1);
  only.close({session_id{9}, epoch_id{3}}); // never opened: nothing to remember
  auto other = open;
  other.session = session_id{9};
  check_refused(only, first_step(other), errc::bad_message, "never opened");
  // A session that found no room elsewhere may be tried again.
  REQUIRE(only.open(open));
  CHECK(given(only, first_step(open)).tokens.tokens.size() == 1);
}

TEST_CASE("a session that was closed in mid-prompt frees its room and stays silent") {
  toy_ring ring(3, 2);
  ring.open(toy_session(1, toy_prompt(40), 4));
  ring.open(toy_session(2, toy_prompt(7), 4));
  for (int i = 0; i < 6; ++i)
    ring.step();
  for (auto& one : ring.stages)
    one.close({session_id{1}, epoch_id{3}});
  ring.run();
  CHECK(ring.ids(session_id{1}).empty());
  CHECK(ring.failures.empty());
  CHECK(ring.ids(session_id{2}) == toy_answer(toy_prompt(7), 4));
  for (const auto& one : ring.stages)
    CHECK(one.sessions() == 1);
}

TEST_CASE("tokens and rows only go where they belong") {
  auto first = one_stage(whole());
  const auto open = toy_session(1, toy_prompt(8), 4);
  REQUIRE(first.open(open));
  check_refused(first, rows_at(0, 0), errc::bad_message, "takes tokens");
  auto empty = first_step(open);
  empty.tokens.clear();
  check_refused(first, empty, errc::bad_message, "tokens");
  auto guesses_only = first_step(open);
  guesses_only.proposals = 8;
  check_refused(first, guesses_only, errc::bad_message, "tokens");
  stage last(half(), {epoch_id{3}, 1, 2, 128, 1});
  REQUIRE(last.open(open));
  check_refused(last, first_step(open), errc::bad_message, "cannot take");
}

TEST_CASE("an answer ends at an end token, at its length or with the context") {
  const auto prompt = toy_prompt(9);
  const auto tokens = toy_answer(prompt, 60);
  auto open = toy_session(1, prompt, 20);
  open.end_ids = {1000, tokens[4]};
  const auto end = std::find(tokens.begin(), tokens.end(), tokens[4]) - tokens.begin();
  toy_ring ring(2, 4);
  ring.open(open);
  ring.run();
  CHECK(ring.ids(session_id{1}) == std::vector(tokens.begin(), tokens.begin() + end + 1));
  CHECK(ring.tokens[session_id{1}].back().finish == finish_reason::end_of_sequence);

  toy_ring single(2, 4);
  single.open(toy_session(1, prompt, 1));
  single.run();
  CHECK(single.ids(session_id{1}) == std::vector<token_id>{tokens[0]});
  CHECK(single.tokens[session_id{1}].back().finish == finish_reason::length);

  // Prompt and answer together fill the context exactly.
  toy_ring full(2, 4);
  full.open(toy_session(1, prompt, 1000));
  full.run();
  CHECK(full.ids(session_id{1}).size() == toy_context - prompt.size());
  CHECK(full.tokens[session_id{1}].back().finish == finish_reason::length);
  CHECK(full.failures.empty());
}

TEST_CASE("the longest prompt leaves room for one token") {
  toy_ring ring(2, 16);
  ring.open(toy_session(1, toy_prompt(toy_context - 1), 5));
  ring.run();
  CHECK(ring.ids(session_id{1}).size() == 1);
  CHECK(ring.tokens[session_id{1}].back().finish == finish_reason::length);
}

TEST_CASE("logits come with the first token, on request") {
  auto open = toy_session(1, toy_prompt(9), 3);
  open.want_logits = true;
  toy_ring ring(2, 4);
  ring.open(open);
  ring.open(toy_session(2, toy_prompt(9), 3));
  ring.run();
  const auto& with = ring.tokens[session_id{1}];
  REQUIRE(with.size() == 3);
  REQUIRE(with[0].logits.cols() == toy_vocab);
  CHECK(with[0].logits.rows() == 1);
  CHECK(with[0].logits.values()[static_cast<std::size_t>(with[0].token)] == 0);
  CHECK(with[1].logits.empty());
  for (const auto& event : ring.tokens[session_id{2}])
    CHECK(event.logits.empty());
}

TEST_CASE("sampling knows the prompt and the answer so far") {
  auto open = toy_session(1, toy_prompt(9), 30);
  // The toy's logits are 0 and below: a penalty makes seen tokens less likely,
  // all but the likeliest itself, whose logit of 0 it cannot change.
  open.sampling.repetition_penalty = 1.5;
  open.sampling.temperature = 5;
  open.sampling.seed = 11;
  std::vector<token_id> first;
  for (const auto stages : {1u, 2u, 3u}) {
    toy_ring ring(stages, 4);
    ring.open(open);
    ring.run();
    const auto ids = ring.ids(session_id{1});
    CHECK(ids.size() == 30);
    if (first.empty())
      first = ids;
    CHECK(ids == first);
    CHECK(ids != toy_answer(open.prompt, 30));
  }
  open.sampling.seed = 12;
  toy_ring other(2, 4);
  other.open(open);
  other.run();
  CHECK(other.ids(session_id{1}) != first);
}

TEST_CASE("a failing step is reported with its code, and no other session suffers") {
  toy_ring ring(3, 4);
  ring.ranges[1]->fails_at = 12;
  ring.open(toy_session(1, toy_prompt(30), 4));
  ring.open(toy_session(2, toy_prompt(6), 4));
  ring.run();
  REQUIRE_FALSE(ring.failures.empty());
  const auto& failed = ring.failures.front();
  CHECK(failed.session == session_id{1});
  CHECK(failed.stage == 1);
  CHECK(failed.step == step_id{3});
  CHECK(failed.code == errc::not_finite);
  CHECK(failed.message.find("position 12") != std::string::npos);
  CHECK(ring.ids(session_id{1}).empty());
  CHECK(ring.ids(session_id{2}) == toy_answer(toy_prompt(6), 4));
}

TEST_CASE("a session that cannot work is refused") {
  auto only = one_stage(whole());
  auto open = toy_session(1, toy_prompt(8), 4);
  CHECK(only.open(open)->session == session_id{1});
  check_error(only.open(open), errc::bad_request, {"session 1", "open already"});
  open.session = session_id{2};
  auto bad = open;
  bad.prompt.clear();
  check_error(only.open(bad), errc::bad_request, {"prompt"});
  bad = open;
  bad.max_tokens = 0;
  check_error(only.open(bad), errc::bad_request, {"one token"});
  bad = open;
  bad.positions = toy_context + 1;
  check_error(only.open(bad), errc::context_full, {"65", "64"});
  bad = open;
  bad.positions = 8;
  check_error(only.open(bad), errc::context_full, {"8 tokens", "8 positions"});
  bad = open;
  bad.sampling.top_p = -1;
  check_error(only.open(bad), errc::bad_request, {"top_p"});
  CHECK(only.sessions() == 1);
  CHECK(only.open(open));
}
