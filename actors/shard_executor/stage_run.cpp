// What goes into a pass, and the forward.
#include <algorithm>

#include "actors/shard_executor/stage.hpp"

namespace dci {

stage_output stage::run() {
  stage_output out;
  std::uint32_t passes = 1;
  const auto& info = range_->info();
  auto works = info.is_first() ? first_stage_work() : further_stage_work(passes);
  forward(works);
  // A pass of which nothing is left goes on all the same, since the first stage counts them; but
  // it need not set out.
  const bool goes_on = info.is_first() ? !works.empty() : passes > 0;
  if (goes_on && info.is_last()) {
    out.next = sample_all(works, passes, out.tokens);
  } else if (goes_on) {
    hidden_pass pass{place_.epoch, passes, {}};
    for (auto& one : works)
      pass.steps.push_back(std::move(one.step));
    out.next = std::move(pass);
  }
  if (goes_on && info.is_first())
    ++under_way_;
  out.failed = std::exchange(failed_, {});
  return out;
}

stage::work stage::next_step(session_state& session, std::vector<token_id> tokens,
                             std::uint32_t samples) {
  hidden_step step{session.settings.session, session.next, session.cache->length(),
                   std::move(tokens),        samples,      {}};
  session.is_due = false;
  return {&session, std::move(step)};
}

std::vector<stage::work> stage::first_stage_work() {
  std::vector<work> out;
  if (under_way_ >= place_.passes)
    return out;
  add_turns(out);
  add_prompts(out);
  return out;
}

// Each pass takes its share of the sessions, so that all passes have some.
void stage::add_turns(std::vector<work>& out) {
  const auto share =
      std::max<std::size_t>((sessions_.size() + place_.passes - 1) / place_.passes, 1);
  while (!turns_.empty() && out.size() < share) {
    auto step = std::move(turns_.front());
    turns_.pop_front();
    const auto it = sessions_.find(step.session);
    if (it == sessions_.end()) {
      ++dropped_;
      continue;
    }
    out.push_back(next_step(it->second, std::move(step.tokens), step.proposals + 1));
  }
}

// Prompts share what one pass takes of them, and take turns: nobody who is at his answer waits
// longer than for that, and no long prompt keeps the others out.
void stage::add_prompts(std::vector<work>& out) {
  std::size_t room = place_.prompt_chunk;
  for (auto turns = prompts_.size(); turns > 0 && room > 0; --turns) {
    const auto id = prompts_.front();
    prompts_.pop_front();
    const auto it = sessions_.find(id);
    if (it == sessions_.end())
      continue;
    auto& waiting = it->second.waiting;
    const auto count = std::min(waiting.size(), room);
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<token_id> tokens(waiting.begin(), end);
    waiting.erase(waiting.begin(), end);
    room -= count;
    if (!waiting.empty())
      prompts_.push_back(id);
    out.push_back(next_step(it->second, std::move(tokens), waiting.empty() ? 1 : 0));
  }
}

// Passes that wait here together go on together, while their prompts are not too long for one.
std::vector<stage::work> stage::further_stage_work(std::uint32_t& passes) {
  std::vector<work> out;
  std::size_t rows = 0;
  passes = 0;
  while (!arrived_.empty()) {
    auto& pass = arrived_.front();
    for (const auto& step : pass.steps)
      rows += step.rows.rows();
    const auto is_in = [&](const hidden_step& step) {
      return std::ranges::any_of(out,
                                 [&](const work& one) { return one.step.session == step.session; });
    };
    if (passes > 0 && (rows > place_.prompt_chunk || std::ranges::any_of(pass.steps, is_in)))
      break;
    passes += pass.passes;
    for (auto& step : pass.steps) {
      if (is_in(step)) {
        ++dropped_; // twice in one pass
        continue;
      }
      auto* const session = admit(step.session, step.step, step.position);
      if (session == nullptr)
        continue;
      if (step.tokens.size() != step.rows.rows() || step.samples > step.rows.rows()) {
        session->next = step.step.next();
        refuse(step.session, step.step,
               {errc::bad_message, "a step of " + std::to_string(step.rows.rows()) + " rows, " +
                                       std::to_string(step.tokens.size()) + " tokens and " +
                                       std::to_string(step.samples) + " samples came"});
        continue;
      }
      out.push_back({session, std::move(step)});
    }
    arrived_.pop_front();
  }
  return out;
}

/// Leaves the steps that went well, with the rows that came out.
void stage::forward(std::vector<work>& works) {
  if (works.empty())
    return;
  ++passes_;
  std::vector<range_input> inputs;
  for (auto& [session, step] : works) {
    session->next = step.step.next();
    inputs.push_back({session->cache.get(), step.tokens, step.rows});
  }
  auto rows = range_->forward_batch(inputs);
  steps_ += works.size();
  for (std::size_t i = 0; i < works.size(); ++i) {
    auto& [session, step] = works[i];
    if (rows[i]) {
      session->firm = session->cache->length() - (step.samples > 0 ? step.samples - 1 : 0);
      step.rows = std::move(*rows[i]);
      continue;
    }
    refuse(step.session, step.step, std::move(rows[i].error()));
    session = nullptr;
  }
  std::erase_if(works, [](const work& one) { return one.session == nullptr; });
}

} // namespace dci
