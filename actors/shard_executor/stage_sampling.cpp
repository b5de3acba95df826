// The last stage: tokens out of rows, guesses checked and made.
#include <algorithm>

#include "actors/shard_executor/stage.hpp"

namespace dci {
namespace {

// One wrong guess after another makes a session careful, but never so careful that it does not
// notice when it could guess again.
constexpr std::uint32_t fewest_guesses = 2;

} // namespace

turn_event stage::sample_all(std::vector<work>& works, std::uint32_t passes, tokens_event& out) {
  out.epoch = place_.epoch;
  turn_event turn{place_.epoch, passes, {}};
  std::vector<logits_input> rows;
  for (const auto& [session, step] : works)
    for (auto i = step.samples; i > 0; --i)
      rows.push_back({&step.rows, step.rows.rows() - i});
  auto logits = range_->logits_batch(rows);
  std::size_t first = 0;
  for (auto& one : works) {
    const std::span own(logits.data() + first, one.step.samples);
    first += one.step.samples;
    if (own.empty())
      continue;
    if (auto next = sample_step(one, own, out))
      turn.next.push_back(std::move(*next));
  }
  return turn;
}

// A guess holds if it is what would have been picked, which with a picked seed is a function of
// history and position: the answer is the same without guesses.
std::optional<token_step>
stage::sample_step(work& done, std::span<expected<std::vector<float>>> logits, tokens_event& out) {
  auto& [owner, step] = done;
  auto& session = *owner;
  const auto first_row = step.rows.rows() - step.samples;
  std::uint32_t held = 0; // guesses that held
  for (std::uint32_t i = 0;; ++i) {
    if (!logits[i]) {
      refuse(step.session, step.step, logits[i].error());
      return {};
    }
    const auto position = step.position + first_row + i + 1; // the token's own
    auto token = sample(*logits[i], session.history, session.settings.sampling, position);
    if (!token) {
      refuse(step.session, step.step, token.error());
      return {};
    }
    session.history.push_back(*token);
    new_token event{
        step.session, session.generated++, *token, finish_after(session, *token, position), {}};
    if (session.settings.want_logits && event.index == 0) {
      const auto width = static_cast<std::uint32_t>(logits[i]->size());
      event.logits = activation::own(1, width, std::move(*logits[i]));
    }
    const bool ended = event.finish != finish_reason::none;
    out.tokens.push_back(std::move(event));
    if (ended)
      return {};
    const bool holds = i + 1 < step.samples && step.tokens[first_row + i + 1] == *token;
    held += holds ? 1 : 0;
    if (!holds)
      break;
  }
  const auto guessed = step.samples - 1;
  if (guessed > 0)
    session.guesses = held == guessed ? std::max(session.guesses, 2 * guessed)
                                      : std::max({held + 1, session.guesses - 1, fewest_guesses});
  const auto position = step.position + first_row + held + 1;
  session.cache->truncate(position);
  token_step next{step.session, place_.epoch, step.step.next(), position, {}, 0};
  next.tokens = guess(session);
  next.proposals = static_cast<std::uint32_t>(next.tokens.size());
  next.tokens.insert(next.tokens.begin(), session.history.back());
  return next;
}

finish_reason stage::finish_after(const session_state& session, token_id token,
                                  std::uint32_t position) const {
  if (std::ranges::find(session.settings.end_ids, token) != session.settings.end_ids.end())
    return finish_reason::end_of_sequence;
  if (session.generated >= session.settings.max_tokens ||
      position + 1 >= session.settings.positions)
    return finish_reason::length;
  return finish_reason::none;
}

// No more than can still become tokens of the answer.
std::vector<token_id> stage::guess(session_state& session) {
  if (!session.guesser)
    return {};
  const auto left = session.settings.max_tokens - session.generated - 1;
  const auto room = session.settings.positions - session.history.size() - 1;
  const auto most = std::min<std::size_t>({session.guesses, left, room, proposers_.most});
  return most == 0 ? std::vector<token_id>{}
                   : session.guesser->propose(session.history, static_cast<std::uint32_t>(most));
}

} // namespace dci
