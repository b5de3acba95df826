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
  return {open.session, open.epoch, step_id{0}, 0, open.prompt};
}

class toy_ring {
 public:
  using message = std::variant<token_step, hidden_step, step_done_event>;

  toy_ring(std::uint32_t count, std::uint32_t chunk) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const layer_span layers{i * toy_layers / count, (i + 1) * toy_layers / count};
      ranges.push_back(std::make_shared<toy_range>(layers, toy_layers));
      stages.emplace_back(ranges.back(), stage_place{epoch_id{3}, i, count, chunk});
    }
    links.resize(count);
  }

  void open(const open_session_request& request) {
    for (auto& one : stages)
      REQUIRE(one.open(request));
    give(0, stages[0].take(first_step(request)));
  }
  /// Sends what a stage said; link i leads to stage i.
  void give(std::size_t from, stage_output out) {
    auto& link = links[(from + 1) % stages.size()];
    for (auto& m : out.to_next)
      link.push_back(std::move(m));
    for (auto& m : out.to_ring) {
      if (auto* token = std::get_if<token_event>(&m))
        tokens[token->session].push_back(*token);
      else
        failures.push_back(std::get<step_failed_event>(m));
    }
    most_pieces = std::max(most_pieces, pieces());
  }
  /// Pieces of a prompt that are on their way.
  std::size_t pieces() const {
    std::size_t out = 0;
    for (const auto& link : links)
      out += static_cast<std::size_t>(std::ranges::count_if(link, [](const auto& m) {
        const auto* rows = std::get_if<hidden_step>(&m);
        return rows != nullptr && !rows->sample;
      }));
    return out;
  }
  /// Hands one message of a random link on; false when there is none.
  bool step() {
    std::vector<std::size_t> busy;
    for (std::size_t i = 0; i < links.size(); ++i)
      if (!links[i].empty())
        busy.push_back(i);
    if (busy.empty())
      return false;
    const auto at = busy[draw() % busy.size()];
    auto next = std::move(links[at].front());
    links[at].pop_front();
    give(at, std::visit([&](auto& m) { return stages[at].take(std::move(m)); }, next));
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
  std::map<session_id, std::vector<token_event>> tokens;
  std::vector<step_failed_event> failures;
  std::size_t most_pieces = 0;
  std::mt19937 draw{1};
};

/// What the whole model says, in one piece and without a ring.
inline std::vector<token_id> toy_answer(std::vector<token_id> text, std::size_t count) {
  const toy_range whole({0, toy_layers}, toy_layers);
  std::vector<token_id> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto cache = whole.make_cache(1000);
    const auto rows = whole.forward(text, *cache);
    text.push_back(static_cast<token_id>(rows->row(rows->rows() - 1)[0]));
    out.push_back(text.back());
  }
  return out;
}

} // namespace dci::test
