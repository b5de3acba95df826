// Stages in a circle without actors: messages are handed on by the test, each
// link in order, links in any order.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "actors/shard_executor/stage.hpp"
#include "tests/actors/toy_range.hpp"

namespace dci::test {

constexpr std::uint32_t toy_layers = 6;

inline std::vector<token_id> toy_prompt(std::size_t size, std::uint32_t seed = 5) {
  std::vector<token_id> out;
  for (std::size_t i = 0; i < size; ++i)
    out.push_back(static_cast<token_id>((seed + 17 * i + i * i) % toy_vocab));
  return out;
}

inline open_session_request toy_session(std::uint64_t id, std::vector<token_id> prompt,
                                        std::uint32_t max_tokens) {
  open_session_request out;
  out.session = session_id{id};
  out.epoch = epoch_id{3};
  out.positions = std::min(toy_context, static_cast<std::uint32_t>(prompt.size()) + max_tokens);
  out.max_tokens = max_tokens;
  out.prompt = std::move(prompt);
  return out;
}

/// The step that starts a session.
inline token_step first_step(const open_session_request& open) {
  return {open.session, open.epoch, step_id{0}, 0, open.prompt, 0};
}

class toy_ring {
 public:
  using message = std::variant<hidden_pass, turn_event>;

  toy_ring(std::uint32_t count, std::uint32_t chunk, std::uint32_t passes = 0,
           const proposer_factory& proposers = {}) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const layer_span layers{i * toy_layers / count, (i + 1) * toy_layers / count};
      ranges.push_back(std::make_shared<toy_range>(layers, toy_layers));
      const stage_place place{epoch_id{3}, i, count, chunk, passes == 0 ? count : passes};
      stages.emplace_back(ranges.back(), place, proposers);
    }
    links.resize(count);
  }

  void open(const open_session_request& request) {
    auto known = ~0u;
    for (auto& one : stages) {
      const auto opened = one.open(request);
      REQUIRE(opened);
      known = std::min(known, opened->known);
    }
    auto step = first_step(request);
    step.position = known;
    step.tokens.erase(step.tokens.begin(), step.tokens.begin() + known);
    stages[0].take(std::move(step));
  }
  /// Lets a stage run that is due.
  void run_stage(std::size_t i) {
    auto out = stages[i].run();
    for (const auto& token : out.tokens.tokens)
      tokens[token.session].push_back(token);
    failures.insert(failures.end(), out.failed.begin(), out.failed.end());
    auto& link = links[(i + 1) % stages.size()];
    if (auto* pass = std::get_if<hidden_pass>(&out.next))
      link.push_back(std::move(*pass));
    else if (auto* turn = std::get_if<turn_event>(&out.next))
      link.push_back(std::move(*turn));
    most_passes = std::max(most_passes, passes());
  }
  /// Passes that are on their way.
  std::size_t passes() const {
    std::size_t out = 0;
    for (const auto& link : links)
      for (const auto& m : link)
        out += std::visit([](const auto& x) { return x.passes; }, m);
    return out;
  }
  void hand_on(std::size_t link) {
    auto next = std::move(links[link].front());
    links[link].pop_front();
    std::visit([&](auto& m) { stages[link].take(std::move(m)); }, next);
  }
  /// Hands one message of a random link on, or lets a stage run that is due; false
  /// when there is neither.
  bool step() {
    std::vector<std::size_t> busy; // links, then stages
    for (std::size_t i = 0; i < links.size(); ++i)
      if (!links[i].empty())
        busy.push_back(i);
    for (std::size_t i = 0; i < stages.size(); ++i)
      if (stages[i].is_due())
        busy.push_back(links.size() + i);
    if (busy.empty())
      return false;
    const auto at = busy[draw() % busy.size()];
    at < links.size() ? hand_on(at) : run_stage(at - links.size());
    return true;
  }
  void run() {
    while (step())
      continue;
  }
  std::vector<token_id> ids(session_id session) const {
    std::vector<token_id> out;
    if (const auto it = tokens.find(session); it != tokens.end())
      for (const auto& event : it->second)
        out.push_back(event.token);
    return out;
  }

  std::vector<std::shared_ptr<toy_range>> ranges;
  std::deque<stage> stages;
  std::vector<std::deque<message>> links;
  std::map<session_id, std::vector<new_token>> tokens;
  std::vector<step_failed_event> failures;
  std::size_t most_passes = 0;
  std::mt19937 draw{1};
};

/// What the whole model says, in one piece and without a ring.
inline std::vector<token_id> toy_answer(std::vector<token_id> text, std::size_t count) {
  const toy_range whole({0, toy_layers}, toy_layers);
  std::vector<token_id> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto cache = whole.make_cache(1000, {}).value();
    const auto rows = whole.forward(text, *cache);
    text.push_back(static_cast<token_id>(rows->row(rows->rows() - 1)[0]));
    out.push_back(text.back());
  }
  return out;
}

inline stage one_stage(std::shared_ptr<const layer_range> range, std::uint32_t chunk = 128) {
  return {std::move(range), stage_place{epoch_id{3}, 0, 1, chunk, 1}};
}

inline std::shared_ptr<toy_range> whole() {
  return std::make_shared<toy_range>(layer_span{0, toy_layers}, toy_layers);
}
/// Gives a stage a message and lets it run.
template <class Message>
stage_output given(stage& to, Message message) {
  to.take(std::move(message));
  return to.is_due() ? to.run() : stage_output{};
}

} // namespace dci::test
