// Links on which frames get lost, come late or twice.
#include <doctest/doctest.h>

#include <deque>
#include <random>

#include "actors/step_link/step_link.hpp"

using namespace dci;

namespace {

step_message message(std::uint64_t n) {
  return close_session_event{session_id{n}, epoch_id{1}};
}
std::uint64_t number_of(const step_message& m) {
  return std::get<close_session_event>(m).session.value;
}

/// Two ends, and what is on its way to each of them.
struct pair_of_ends {
  step_link from{epoch_id{1}, 5}, to{epoch_id{1}, 5};
  std::deque<step_frame> frames;
  std::deque<link_report_event> questions, answers;
  std::vector<std::uint64_t> heard;
  std::uint64_t sent = 0;

  void send() {
    frames.push_back(from.push(message(++sent)));
  }
  void hand_on() {
    auto frame = std::move(frames.front());
    frames.pop_front();
    if (auto m = to.take(std::move(frame)))
      heard.push_back(number_of(*m));
    if (to.owes_report())
      answers.push_back(to.report());
  }
  void replay() {
    for (auto& frame : from.replay())
      frames.push_back(std::move(frame));
  }
  /// A question that overtakes nothing, and its answer.
  void ask() {
    const auto question = from.question();
    while (!frames.empty())
      hand_on();
    REQUIRE(to.take(question));
    REQUIRE(from.take(to.answer(question)));
  }
};

std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 1; i <= last; ++i)
    out.push_back(i);
  return out;
}

} // namespace

TEST_CASE("messages are numbered from 1, and kept until the other end has them") {
  pair_of_ends link;
  for (int i = 0; i < 3; ++i)
    link.send();
  CHECK(link.frames[0].number == 1);
  CHECK(link.frames[2].number == 3);
  CHECK(link.frames[2].link == 5);
  CHECK(link.frames[2].epoch == epoch_id{1});
  CHECK(link.from.kept() == 3);
  while (!link.frames.empty())
    link.hand_on();
  CHECK(link.heard == up_to(3));
  CHECK(link.from.kept() == 3);
  link.ask();
  CHECK(link.from.kept() == 0);
  CHECK(link.from.sent() == 3);
}

TEST_CASE("a report is due after so many messages, not after each") {
  pair_of_ends link;
  for (std::uint64_t i = 1; i < step_link::between_reports; ++i) {
    link.send();
    link.hand_on();
  }
  CHECK(link.answers.empty());
  link.send();
  link.hand_on();
  REQUIRE(link.answers.size() == 1);
  CHECK(link.answers[0].received == step_link::between_reports);
  CHECK_FALSE(link.to.owes_report());
}

TEST_CASE("a report is due sooner where messages are large") {
  step_link from{epoch_id{1}, 5}, to{epoch_id{1}, 5};
  constexpr std::uint32_t columns = 1024; // a quarter of what is worth a report, with 64 rows
  const auto rows = activation::own(64, columns, std::vector<float>(64 * columns));
  for (int i = 1; i <= 4; ++i) {
    hidden_step step;
    step.rows = rows;
    REQUIRE(to.take(from.push(hidden_pass{epoch_id{1}, 1, {step}})));
    CHECK(to.owes_report() == (i == 4));
  }
  CHECK(from.take(to.report()));
  CHECK(from.kept() == 0);
  CHECK_FALSE(to.owes_report());
}

TEST_CASE("what is lost comes again, in order, and what comes twice is dropped") {
  pair_of_ends link;
  for (int i = 0; i < 5; ++i)
    link.send();
  link.frames.erase(link.frames.begin() + 1, link.frames.begin() + 3); // 2 and 3
  while (!link.frames.empty())
    link.hand_on();
  CHECK(link.heard == up_to(1)); // 4 and 5 have a gap before them
  link.ask();
  CHECK(link.from.has_gap());
  link.replay();
  CHECK_FALSE(link.from.has_gap());
  CHECK(link.from.again() == 4);
  link.replay(); // as when the carrier changes once more
  while (!link.frames.empty())
    link.hand_on();
  CHECK(link.heard == up_to(5));
  CHECK(link.to.repeated() == 4);
}

TEST_CASE("a report that crosses later messages is no gap") {
  pair_of_ends link;
  link.send();
  const auto early = link.to.report();
  const auto question = link.from.question();
  CHECK(question.asks);
  CHECK_FALSE(question.answers);
  REQUIRE(link.from.take(early));
  CHECK_FALSE(link.from.has_gap());
  link.hand_on();
  link.send(); // after the question
  REQUIRE(link.from.take(link.to.answer(question)));
  CHECK_FALSE(link.from.has_gap());
  CHECK(link.from.kept() == 1);
}

TEST_CASE("who is asked asks the same, and then both know what they lack") {
  step_link dials{epoch_id{1}, 5}, waits{epoch_id{1}, 5};
  static_cast<void>(dials.push(message(1)));
  static_cast<void>(waits.push(message(2))); // both are lost
  const auto question = dials.question();
  REQUIRE(waits.take(question));
  CHECK_FALSE(waits.has_gap()); // it may be on its way
  const auto answer = waits.answer(question);
  CHECK(answer.answers);
  CHECK(answer.asks);
  REQUIRE(dials.take(answer));
  CHECK(dials.has_gap());
  const auto last = dials.answer(answer);
  CHECK(last.answers);
  CHECK_FALSE(last.asks);
  REQUIRE(waits.take(last));
  CHECK(waits.has_gap());
}

TEST_CASE("who claims to have what was never sent is not believed") {
  pair_of_ends link;
  link.send();
  CHECK_FALSE(link.from.take({epoch_id{1}, 5, 2, false, false}));
  CHECK(link.from.kept() == 1);
  CHECK(link.from.take({epoch_id{1}, 5, 1, false, false}));
  // An old report after a newer one takes nothing back.
  CHECK(link.from.take({epoch_id{1}, 5, 0, false, false}));
  CHECK(link.from.kept() == 0);
  link.send();
  CHECK(link.from.push(message(9)).number == 3);
}

TEST_CASE("whatever happens on the way, everything comes once and in order") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 draw{seed};
    const auto chance = [&](double p) {
      return std::uniform_real_distribution<double>(0, 1)(draw) < p;
    };
    pair_of_ends link;
    while (link.sent < 60 || link.heard.size() < 60) {
      if (link.sent < 60 && chance(0.4))
        link.send();
      if (!link.frames.empty() && chance(0.1))
        link.frames.pop_front(); // lost
      if (!link.frames.empty() && chance(0.05))
        link.frames.push_back(link.frames.front()); // twice, and late
      if (!link.frames.empty() && chance(0.6))
        link.hand_on();
      if (chance(0.05))
        link.replay(); // another carrier
      if (chance(0.1))
        link.questions.push_back(link.from.question());
      if (!link.questions.empty() && chance(0.5)) {
        link.to.take(link.questions.front());
        link.answers.push_back(link.to.answer(link.questions.front()));
        link.questions.pop_front();
      }
      if (!link.answers.empty() && chance(0.5)) {
        REQUIRE(link.from.take(link.answers.front()));
        link.answers.pop_front();
      }
      if (link.from.has_gap())
        link.replay();
    }
    CHECK(link.heard == up_to(60));
  }
}
