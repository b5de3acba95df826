// Passes of several sessions, and guesses ahead, over a toy model.
#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "tests/actors/toy_ring.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("sessions that are due go together, and no prompt makes answers wait long") {
  const auto range = whole();
  auto only = one_stage(range, 8);
  std::vector<turn_event> turns;
  // Five sessions at their answers.
  for (std::uint32_t i = 1; i <= 5; ++i) {
    const auto open = toy_session(i, toy_prompt(3, i), 20);
    REQUIRE(only.open(open));
    only.take(first_step(open));
  }
  auto out = only.run();
  CHECK(range->batches == std::vector<std::uint32_t>{3}); // 3 + 3 + 2 positions of prompts
  out = given(only, std::get<turn_event>(out.next));
  out = given(only, std::get<turn_event>(out.next));
  range->batches.clear();
  range->forwards.clear();
  // And two more with long prompts.
  for (const std::uint32_t i : {6u, 7u}) {
    const auto open = toy_session(i, toy_prompt(20, i), 20);
    REQUIRE(only.open(open));
    only.take(first_step(open));
  }
  for (int i = 0; i < 5; ++i)
    out = given(only, std::get<turn_event>(out.next));
  // Each pass: five answers and 8 positions of the prompts in turn, until they are through.
  CHECK(range->forwards == std::vector<std::uint32_t>{1, 1, 1, 1, 1, 8, 1, 1, 1, 1, 1,
                                                      8, 1, 1, 1, 1, 1, 8, 1, 1, 1, 1,
                                                      1, 8, 1, 1, 1, 1, 1, 4, 4});
}

TEST_CASE("the sessions are shared out over the passes, so that all stages work at once") {
  toy_ring ring(3, 16, 3);
  for (std::uint32_t i = 1; i <= 6; ++i)
    ring.open(toy_session(i, toy_prompt(2, i), 12));
  // Everybody does what there is to do, in turn.
  std::size_t all_busy = 0;
  for (int round = 0; round < 60; ++round) {
    for (std::size_t i = 0; i < 3; ++i)
      while (!ring.links[i].empty())
        ring.hand_on(i);
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < 3; ++i)
      if (ring.stages[i].is_due())
        due.push_back(i);
    all_busy += due.size() == 3 ? 1 : 0;
    for (const auto i : due)
      ring.run_stage(i);
  }
  CHECK(all_busy > 10);
  for (std::uint32_t i = 1; i <= 6; ++i)
    CHECK(ring.ids(session_id{i}) == toy_answer(toy_prompt(2, i), 12));
}

TEST_CASE("what all stages know of a prompt is not computed again") {
  for (const auto seed : {1u, 2u, 3u}) {
    toy_ring ring(3, 4);
    ring.draw.seed(seed);
    // Stages know more or less of it; the least counts.
    ring.ranges[0]->known = 8;
    ring.ranges[1]->known = 16;
    ring.ranges[2]->known = 11;
    const auto prompt = toy_prompt(23);
    ring.open(toy_session(1, prompt, 12));
    ring.run();
    CHECK(ring.failures.empty());
    CHECK(ring.ids(session_id{1}) == toy_answer(prompt, 12));
    for (const auto& range : ring.ranges)
      CHECK(std::accumulate(range->forwards.begin(), range->forwards.end(), 0u) == 23 - 8 + 11);
  }
}

TEST_CASE("guesses change the number of passes and no token") {
  // The toy's answers seldom repeat; a model that guesses right half of the time does better.
  struct oracle : proposer {
    std::vector<token_id> propose(std::span<const token_id> history, std::uint32_t most) override {
      CHECK(most > 0);
      auto out = toy_answer({history.begin(), history.end()}, most);
      if (history.size() % 3 == 0)
        out.back() = (out.back() + 1) % static_cast<token_id>(toy_vocab);
      return out;
    }
  };
  const proposer_factory half_right{[](std::uint32_t) -> expected<std::unique_ptr<proposer>> {
                                      return std::make_unique<oracle>();
                                    },
                                    6};
  for (const auto stages : {1u, 2u, 3u})
    for (const auto& proposers : {proposer_factory{}, half_right, prompt_lookup(5)})
      for (const double temperature : {0.0, 4.0}) {
        toy_ring ring(stages, 4, 0, proposers);
        auto open = toy_session(1, toy_prompt(9), 40);
        open.sampling.temperature = temperature;
        open.sampling.seed = 3;
        toy_ring plain(1, 4);
        plain.open(open);
        plain.run();
        ring.open(open);
        ring.open(toy_session(2, toy_prompt(6), 7));
        ring.run();
        CHECK(ring.failures.empty());
        CHECK(ring.ids(session_id{1}) == plain.ids(session_id{1}));
        CHECK(ring.ids(session_id{2}) == toy_answer(toy_prompt(6), 7));
        for (std::uint32_t i = 0; i < ring.tokens[session_id{1}].size(); ++i)
          CHECK(ring.tokens[session_id{1}][i].index == i);
        if (proposers.most == 6 && temperature == 0)
          CHECK(ring.stages[0].steps() < plain.stages[0].steps() * 2 / 3);
      }
}
