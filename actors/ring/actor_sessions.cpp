// The sessions of a ring: open them on every stage, start them, pass their
// tokens on, end them everywhere.
#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <random>

#include "actors/ring/actor.hpp"
#include "runtime/base/log.hpp"
#include "tensors/text/chat.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds open_wait{10};
constexpr std::chrono::milliseconds tick_pause{500};

/// 48 random bits: no two rings that share a stage draw the same, and JSON
/// readers that keep 53 bits show them right.
session_id draw_session() {
  static thread_local std::mt19937_64 draw{std::random_device{}()};
  return session_id{(draw() >> 16) | 1u};
}

expected<std::vector<token_id>> prompt_ids(const ring_state& state, generate_request& request) {
  auto ids = std::move(request.prompt_ids);
  if (ids.empty()) {
    if (!state.tokens)
      return fail(errc::bad_request, state.settings.model.string() +
                                         " has no tokenizer (a tokenizer.json, or one in "
                                         "its GGUF file): give the prompt as ids");
    if (request.chat) {
      const chat_message turn{"user", request.prompt};
      DCI_ASSIGN(ids,
                 encode_chat(*state.tokens, detect_chat_format(*state.tokens), {&turn, 1}, true));
    } else {
      DCI_ASSIGN(ids, state.tokens->encode(request.prompt, true));
    }
  }
  if (ids.empty())
    return fail(errc::bad_request, "the prompt is empty; give it at least one token");
  const auto vocab = static_cast<token_id>(state.model->config.vocab);
  for (const auto id : ids)
    if (id < 0 || id >= vocab)
      return fail(errc::bad_request, "token id " + std::to_string(id) +
                                         " is outside the vocabulary of " + std::to_string(vocab));
  return ids;
}

expected<open_session_request> plan_session(const ring_state& state, generate_request& request) {
  DCI_TRY(request.sampling.validate());
  if (request.max_tokens == 0)
    return fail(errc::bad_request, "max_tokens must be at least 1");
  open_session_request open;
  DCI_ASSIGN(open.prompt, prompt_ids(state, request));
  const auto context = describe(state).context;
  if (open.prompt.size() >= context)
    return fail(errc::context_full, "the prompt has " + std::to_string(open.prompt.size()) +
                                        " tokens and the ring's context " +
                                        std::to_string(context) + " positions; shorten it");
  const auto wanted = open.prompt.size() + std::uint64_t{request.max_tokens};
  open.session = draw_session();
  open.epoch = state.epoch;
  open.positions = static_cast<std::uint32_t>(std::min<std::uint64_t>(context, wanted));
  open.max_tokens = request.max_tokens;
  if (!request.ignore_end)
    open.end_ids = state.model->eos;
  open.sampling = request.sampling;
  open.want_logits = request.want_logits;
  return open;
}

void close_everywhere(ring_pointer self, session_id session) {
  for (auto& stage : self->state.stages)
    stage.link.send(self, close_session_event{session, self->state.epoch});
}

/// Whoever asked hears of the end: through the answer to the request until the
/// session is open, through the sink afterwards.
void send_end(ring_pointer self, ring_state::session& session, session_end_event event) {
  // One monitor serves all sessions of a sink; the last one lets it go.
  const auto& others = self->state.sessions;
  if (std::none_of(others.begin(), others.end(),
                   [&](const auto& x) { return x.second.sink == session.sink; }))
    self->demonitor(session.sink.address());
  if (session.is_open)
    self->send(session.sink, std::move(event));
  else
    session.asked.deliver(to_caf(event.code == errc::none
                                     ? error{errc::cancelled, "the session was cancelled"}
                                     : error{event.code, event.message}));
}

/// Its room goes to whoever waits for it.
void remove_session(ring_pointer self, session_id id, session_end_event event) {
  auto& state = self->state;
  auto node = state.sessions.extract(id);
  auto& session = node.mapped();
  state.line.leave(session.ticket);
  close_everywhere(self, id);
  if (session.is_open)
    state.line.room(self->clock().now() - session.answer.let_in_at());
  send_end(self, session, std::move(event));
  let_in(self);
}

void tick_later(ring_pointer self) {
  if (std::exchange(self->state.ticking, true))
    return;
  self->delayed_send(self, tick_pause, ring_tick{});
}

} // namespace

namespace {

error busy(const ring_state& state, const std::string& why) {
  const auto after = std::chrono::duration<double>(state.line.retry_after(state.sessions.size()));
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.1f", after.count());
  return {errc::busy,
          "ring " + state.context.name + " is busy: " + why + "; retry after " + seconds + " s"};
}

std::size_t open_sessions(const ring_state& state) {
  return static_cast<std::size_t>(
      std::ranges::count_if(state.sessions, [](const auto& x) { return x.second.is_open; }));
}

void start(ring_pointer self, ring_state::session& session, std::uint32_t known) {
  auto& open = session.wanted;
  session.is_open = true;
  session.answer.let_in(self->clock().now());
  session.asked.deliver(
      generate_reply{open.session, static_cast<std::uint32_t>(open.prompt.size())});
  auto& prompt = open.prompt;
  // What the stages say is not believed: one token at least is left to compute.
  known = std::min(known, static_cast<std::uint32_t>(prompt.size()) - 1);
  prompt.erase(prompt.begin(), prompt.begin() + known);
  self->state.stages.front().link.send(
      self, token_step{open.session, open.epoch, step_id{0}, known, std::move(prompt), 0});
  session.wanted = {};
}

/// Every stage has answered.
void conclude(ring_pointer self, std::uint64_t attempt) {
  auto& state = self->state;
  const auto node = state.openings.extract(attempt);
  const auto& said = node.mapped();
  const auto id = said.session;
  const auto it = state.sessions.find(id);
  if (it == state.sessions.end())
    return;
  auto& session = it->second;
  if (!said.refused) {
    start(self, session, said.known);
    return let_in(self);
  }
  if (said.refused->code != errc::busy)
    return end_session(self, id, *said.refused);
  // A later attempt must not find what is left of this one.
  close_everywhere(self, id);
  const bool alone = said.began_alone && attempt == state.attempts;
  if (alone || state.line.size() >= state.settings.most_waiting)
    return end_session(self, id, busy(state, said.refused->message));
  state.line.no_room(session.ticket, id, session.answer.last_progress());
  // Attempts at the same time may have been in one another's way.
  const bool nobody_is_in = open_sessions(state) == 0 && state.openings.empty();
  if (nobody_is_in || said.rooms != state.line.rooms()) {
    state.line.reopen();
    let_in(self);
  }
}

void refuse(ring_state::opening& said, error why) {
  // Room that will come does not help against another reason.
  if (!said.refused || why.code != errc::busy)
    said.refused = std::move(why);
}

/// Asks every stage to make room.
void try_open(ring_pointer self, session_id id) {
  auto& state = self->state;
  auto& session = state.sessions.at(id);
  ring_state::opening said;
  said.session = id;
  said.left = state.stages.size();
  said.answered.resize(said.left);
  said.known = std::numeric_limits<std::uint32_t>::max();
  said.began_alone = state.openings.empty() && open_sessions(state) == 0;
  said.rooms = state.line.rooms();
  said.deadline = self->clock().now() + open_wait;
  session.wanted.attempt = ++state.attempts;
  state.openings.emplace(state.attempts, std::move(said));
  for (auto& stage : state.stages)
    stage.link.send(self, session.wanted);
}

/// Stages that have said nothing for too long are taken to refuse.
void end_stalled_openings(ring_pointer self) {
  auto& state = self->state;
  std::vector<std::uint64_t> overdue;
  for (auto& [attempt, said] : state.openings) {
    if (self->clock().now() < said.deadline)
      continue;
    overdue.push_back(attempt);
    for (std::size_t i = 0; i < said.answered.size(); ++i)
      if (!said.answered[i])
        refuse(said, in_context(label(state, i), {errc::timed_out, "no answer in time"}));
  }
  for (const auto attempt : overdue)
    if (state.openings.contains(attempt))
      conclude(self, attempt);
}

} // namespace

caf::result<generate_reply> generate(ring_pointer self, generate_request& request) {
  auto& state = self->state;
  if (state.now != ring_state::phase::ready)
    return to_caf(
        state.lost.message.empty()
            ? error{errc::bad_request,
                    "ring " + state.context.name + " is not assembled: send assemble_request first"}
            : in_context("ring " + state.context.name, state.lost));
  const auto sink =
      request.sink ? request.sink : caf::actor_cast<actor_ref>(self->current_sender());
  if (!sink)
    return to_caf({errc::bad_request, "generate_request names nobody to send the tokens to"});
  auto open = plan_session(state, request);
  if (!open)
    return to_caf(open.error());
  const bool waits = !state.line.is_open();
  if (waits && state.line.size() >= state.settings.most_waiting)
    return to_caf(busy(state, std::to_string(state.line.size()) + " sessions wait for room"));
  const auto id = open->session;
  // Registered before it is open: a stage lost meanwhile ends it too.
  auto promise = self->make_response_promise<generate_reply>();
  const bool is_new =
      std::none_of(state.sessions.begin(), state.sessions.end(), [&](const auto& x) {
        return caf::actor_cast<actor_ref>(x.second.sink) == sink;
      });
  if (is_new)
    self->monitor(sink);
  const auto now = self->clock().now();
  const auto ticket = state.line.draw();
  generation answer(id, open->prompt, state.tokens, std::move(request.stop), now);
  state.sessions.emplace(id, ring_state::session{std::move(answer),
                                                 caf::actor_cast<text_sink_actor>(sink), promise,
                                                 false, std::move(*open), ticket});
  tick_later(self);
  if (waits)
    state.line.wait(ticket, id, now);
  else
    try_open(self, id);
  return promise;
}

void take_opened(ring_pointer self, std::uint32_t stage, const open_session_reply& reply) {
  auto& state = self->state;
  const auto it = state.openings.find(reply.attempt);
  // One that came too late, or of a session that ended meanwhile.
  if (it == state.openings.end() || it->second.session != reply.session ||
      it->second.answered[stage])
    return;
  auto& said = it->second;
  said.answered[stage] = true;
  if (reply.code == errc::none)
    said.known = std::min(said.known, reply.known);
  else
    refuse(said, in_context(label(state, stage), {reply.code, reply.message}));
  if (--said.left == 0)
    conclude(self, reply.attempt);
}

void let_in(ring_pointer self) {
  if (const auto next = self->state.line.next())
    try_open(self, *next);
}

void take_tokens(ring_pointer self, tokens_event& event) {
  auto& state = self->state;
  if (event.epoch != state.epoch)
    return;
  const auto now = self->clock().now();
  for (auto& token : event.tokens) {
    // The end of a session overtakes tokens that are under way.
    const auto it = state.sessions.find(token.session);
    if (it == state.sessions.end())
      continue;
    auto outcome = it->second.answer.take(std::move(token), now);
    if (outcome.text)
      self->send(it->second.sink, std::move(*outcome.text));
    if (outcome.end)
      remove_session(self, it->first, std::move(*outcome.end));
  }
}

void end_session(ring_pointer self, session_id session, const error& why) {
  const auto it = self->state.sessions.find(session);
  if (it == self->state.sessions.end())
    return;
  if (why.code != errc::none)
    spdlog::info("ring {}: session {} failed: {}", self->state.context.name, to_string(session),
                 why.message);
  remove_session(self, session, it->second.answer.end(why));
}

void end_all_sessions(ring_pointer self, const error& why) {
  while (!self->state.sessions.empty())
    end_session(self, self->state.sessions.begin()->first, why);
}

void end_stalled_sessions(ring_pointer self) {
  auto& state = self->state;
  state.ticking = false;
  const auto limit = std::chrono::milliseconds{state.settings.step_timeout_ms};
  const auto now = self->clock().now();
  const auto longest_wait = std::chrono::milliseconds{state.settings.wait_ms};
  for (const auto id : state.line.overdue(now, longest_wait))
    end_session(
        self, id,
        busy(state, "no room for " + std::to_string(longest_wait.count()) + " ms (wait_ms)"));
  std::vector<session_id> stalled;
  for (const auto& [id, session] : state.sessions)
    if (session.is_open && now - session.answer.last_progress() > limit)
      stalled.push_back(id);
  for (const auto id : stalled)
    end_session(self, id,
                {errc::timed_out,
                 "no token for " + std::to_string(limit.count()) + " ms (step_timeout_ms)"});
  end_stalled_openings(self);
  if (!state.sessions.empty() || !state.openings.empty())
    tick_later(self);
}

} // namespace dci
