#include "actors/shard_executor/stage.hpp"

#include <algorithm>

namespace dci {
namespace {

// Late steps of a session arrive within a round trip of its end, so a short
// memory is enough.
constexpr std::size_t remembered_sessions = 1024;
// At once, at first; a session learns how many hold.
constexpr std::uint32_t first_guesses = 8;

} // namespace

std::string_view to_string(finish_reason reason) noexcept {
  switch (reason) {
    case finish_reason::none:
      return "none";
    case finish_reason::end_of_sequence:
      return "end_of_sequence";
    case finish_reason::length:
      return "length";
    case finish_reason::stop_string:
      return "stop_string";
    case finish_reason::cancelled:
      return "cancelled";
    case finish_reason::failed:
      return "failed";
  }
  return "unknown";
}

stage::stage(std::shared_ptr<const layer_range> range, stage_place place,
             proposer_factory proposers)
    : range_(std::move(range)), place_(place), proposers_(std::move(proposers)) {
  place_.prompt_chunk = std::max(place_.prompt_chunk, 1u);
  place_.passes = std::max(place_.passes, 1u);
}

expected<open_session_reply> stage::open(const open_session_request& request) {
  if (request.epoch != place_.epoch)
    return fail(errc::bad_request, "the ring is in epoch " + to_string(place_.epoch) + ", not " +
                                       to_string(request.epoch));
  if (sessions_.contains(request.session))
    return fail(errc::bad_request, "session " + to_string(request.session) + " is open already");
  if (request.prompt.empty() || request.max_tokens == 0)
    return fail(errc::bad_request, "a session needs a prompt and room for one token");
  DCI_TRY(request.sampling.validate());
  if (request.positions > range_->info().context)
    return fail(errc::context_full, std::to_string(request.positions) +
                                        " positions are more than the model's context of " +
                                        std::to_string(range_->info().context));
  if (request.prompt.size() >= request.positions)
    return fail(errc::context_full, "the prompt's " + std::to_string(request.prompt.size()) +
                                        " tokens leave no room in " +
                                        std::to_string(request.positions) + " positions");
  session_state session;
  DCI_ASSIGN(session.cache, range_->make_cache(request.positions, request.prompt));
  const auto known = session.cache->length();
  session.settings = request;
  if (range_->info().is_last()) {
    session.history = request.prompt;
    if (proposers_) {
      DCI_ASSIGN(session.guesser, proposers_(request.positions));
      session.guesses = first_guesses;
    }
  }
  session.settings.prompt.clear();
  // It may have been closed because another stage had no room then.
  closed_.erase(request.session);
  sessions_.emplace(request.session, std::move(session));
  return open_session_reply{request.session, request.attempt, place_.stage, known, errc::none, {}};
}

void stage::close(const close_session_event& event) {
  if (event.epoch != place_.epoch || sessions_.erase(event.session) == 0)
    return;
  closed_.insert(event.session);
  closed_order_.push_back(event.session);
  if (closed_order_.size() > remembered_sessions) {
    closed_.erase(closed_order_.front());
    closed_order_.pop_front();
  }
}

stage::session_state* stage::admit(session_id id, step_id step, std::uint32_t position) {
  const auto it = sessions_.find(id);
  const bool repeated = it != sessions_.end() && step < it->second.next;
  if (closed_.contains(id) || repeated) {
    ++dropped_;
    return nullptr;
  }
  if (it == sessions_.end()) {
    refuse(id, step, {errc::bad_message, "this session was never opened here"});
    return nullptr;
  }
  auto& session = it->second;
  const auto held = session.cache->length();
  const bool due = step == session.next && session.waiting.empty();
  if (!due || position > held || position < session.firm) {
    refuse(id, step,
           {errc::bad_message, "step " + to_string(step) + " at position " +
                                   std::to_string(position) + " came where step " +
                                   to_string(session.next) + " at position " +
                                   std::to_string(held) + " was due"});
    return nullptr;
  }
  session.cache->truncate(position);
  return &session;
}

void stage::take(token_step step) {
  const auto known = sessions_.find(step.session);
  const bool repeated =
      known != sessions_.end() && known->second.is_due && step.step == known->second.next;
  if (step.epoch != place_.epoch || repeated) {
    ++dropped_;
    return;
  }
  if (!range_->info().is_first() || step.tokens.empty() || step.proposals >= step.tokens.size())
    return refuse(step.session, step.step,
                  {errc::bad_message, "tokens came that this stage cannot take"});
  auto* const session = admit(step.session, step.step, step.position);
  if (session == nullptr)
    return;
  session->is_due = true;
  if (session->next.value > 0) {
    turns_.push_back(std::move(step));
    return;
  }
  session->waiting.assign(step.tokens.begin(), step.tokens.end());
  prompts_.push_back(step.session);
}

void stage::take(hidden_pass pass) {
  if (pass.epoch != place_.epoch) {
    dropped_ += pass.steps.size();
    return;
  }
  if (range_->info().is_first()) {
    for (const auto& step : pass.steps)
      refuse(step.session, step.step,
             {errc::bad_message, "rows came to the stage that takes tokens"});
    return;
  }
  range_->expect_forward();
  arrived_.push_back(std::move(pass));
}

void stage::take(turn_event event) {
  if (event.epoch != place_.epoch) {
    dropped_ += event.next.size();
    return;
  }
  range_->expect_forward();
  under_way_ -= std::min(under_way_, event.passes);
  for (auto& step : event.next)
    take(std::move(step));
}

bool stage::is_due() const {
  return !failed_.empty() || !arrived_.empty() ||
         (under_way_ < place_.passes && (!turns_.empty() || !prompts_.empty()));
}

void stage::refuse(session_id session, step_id step, error why) {
  failed_.push_back({session, place_.epoch, step, place_.stage, why.code, std::move(why.message)});
}

} // namespace dci
