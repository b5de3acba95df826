#include "actors/shard_executor/stage.hpp"

#include <algorithm>

namespace dci {
namespace {

// Late steps of a session arrive within a round trip of its end, so a short
// memory is enough.
constexpr std::size_t remembered_sessions = 1024;

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

stage::stage(std::shared_ptr<const layer_range> range, stage_place place)
    : range_(std::move(range)), place_(place) {
  place_.prompt_chunk = std::max(place_.prompt_chunk, 1u);
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
  session.cache = range_->make_cache(request.positions);
  session.settings = request;
  if (range_->info().is_last())
    session.history = request.prompt;
  session.settings.prompt.clear();
  sessions_.emplace(request.session, std::move(session));
  return open_session_reply{request.session, place_.stage};
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

template <class Step>
stage::session_state* stage::admit(const Step& step, stage_output& out) {
  const auto it = sessions_.find(step.session);
  const bool late = step.epoch != place_.epoch || closed_.contains(step.session);
  const bool repeated = it != sessions_.end() && step.step < it->second.next;
  if (late || repeated) {
    ++dropped_;
    return nullptr;
  }
  if (it == sessions_.end()) {
    refuse(step.session, step.step, {errc::bad_message, "this session was never opened here"}, out);
    return nullptr;
  }
  auto& session = it->second;
  const auto held = session.cache->length() + static_cast<std::uint32_t>(session.waiting.size());
  if (step.step != session.next || step.position != held) {
    refuse(step.session, step.step,
           {errc::bad_message, "step " + to_string(step.step) + " at position " +
                                   std::to_string(step.position) + " came where step " +
                                   to_string(session.next) + " at position " +
                                   std::to_string(held) + " was due"},
           out);
    return nullptr;
  }
  return &session;
}

stage_output stage::take(token_step step) {
  stage_output out;
  auto* session = admit(step, out);
  if (session == nullptr)
    return out;
  if (!range_->info().is_first() || step.tokens.empty()) {
    refuse(step.session, step.step, {errc::bad_message, "tokens came to a stage that takes rows"},
           out);
    return out;
  }
  session->waiting.insert(session->waiting.end(), step.tokens.begin(), step.tokens.end());
  // A token comes out of the last piece, so everything before it is through.
  session->through = step.step;
  feed(*session, out);
  return out;
}

stage_output stage::take(const step_done_event& event) {
  stage_output out;
  const auto it = sessions_.find(event.session);
  if (event.epoch != place_.epoch || it == sessions_.end() || event.step < it->second.through ||
      event.step >= it->second.next) {
    ++dropped_;
    return out;
  }
  it->second.through = event.step.next();
  feed(it->second, out);
  return out;
}

void stage::feed(session_state& session, stage_output& out) {
  // One piece more than there are stages: each has work and one is waiting.
  while (!session.waiting.empty() && session.next.value - session.through.value <= place_.stages) {
    const auto count = std::min<std::size_t>(session.waiting.size(), place_.prompt_chunk);
    const std::vector<token_id> tokens(
        session.waiting.begin(), session.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    session.waiting.erase(session.waiting.begin(),
                          session.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    const auto position = session.cache->length();
    const auto step = session.next;
    session.next = step.next();
    auto rows = range_->forward(tokens, *session.cache);
    const bool ok = rows.has_value();
    pass_on(session, std::move(rows), step, position, session.waiting.empty(), out);
    // Alone in the ring, its own step_done_event lets it go on, so that other
    // sessions get their turn between two pieces.
    if (!ok || place_.stages == 1)
      return;
  }
}

stage_output stage::take(hidden_step step) {
  stage_output out;
  auto* session = admit(step, out);
  if (session == nullptr)
    return out;
  if (range_->info().is_first()) {
    refuse(step.session, step.step, {errc::bad_message, "rows came to the stage that takes tokens"},
           out);
    return out;
  }
  session->next = step.step.next();
  pass_on(*session, range_->forward(step.rows, *session->cache), step.step, step.position,
          step.sample, out);
  return out;
}

void stage::pass_on(session_state& session, expected<activation> rows, step_id step,
                    std::uint32_t position, bool sample, stage_output& out) {
  ++steps_;
  const auto id = session.settings.session;
  if (!rows)
    return refuse(id, step, rows.error(), out);
  if (!range_->info().is_last())
    out.to_next.emplace_back(
        hidden_step{id, place_.epoch, step, position, sample, std::move(*rows)});
  else if (sample)
    pick_token(session, *rows, step, out);
  else
    out.to_next.emplace_back(step_done_event{id, place_.epoch, step});
}

void stage::pick_token(session_state& session, const activation& rows, step_id step,
                       stage_output& out) {
  const auto& settings = session.settings;
  const auto id = settings.session;
  auto logits = range_->logits(rows, rows.rows() - 1);
  if (!logits)
    return refuse(id, step, logits.error(), out);
  const auto position = session.cache->length(); // the token's own
  auto token = sample(*logits, session.history, settings.sampling, position);
  if (!token)
    return refuse(id, step, token.error(), out);
  session.history.push_back(*token);
  ++session.generated;
  token_event event{id, place_.epoch, step, *token, finish_reason::none, {}};
  if (settings.want_logits && session.generated == 1) {
    const auto width = static_cast<std::uint32_t>(logits->size());
    event.logits = activation::own(1, width, std::move(*logits));
  }
  const auto& ends = settings.end_ids;
  if (std::find(ends.begin(), ends.end(), *token) != ends.end())
    event.finish = finish_reason::end_of_sequence;
  else if (session.generated >= settings.max_tokens || position + 1 >= settings.positions)
    event.finish = finish_reason::length;
  const bool more = event.finish == finish_reason::none;
  out.to_ring.emplace_back(std::move(event));
  if (more)
    out.to_next.emplace_back(token_step{id, place_.epoch, step.next(), position, {*token}});
}

void stage::refuse(session_id session, step_id step, error why, stage_output& out) {
  out.to_ring.emplace_back(step_failed_event{session, place_.epoch, step, place_.stage, why.code,
                                             std::move(why.message)});
}

} // namespace dci
