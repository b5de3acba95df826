// The sessions of a ring: open them on every stage, start them, pass their
// tokens on, end them everywhere.
#include <algorithm>
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
  for (const auto& stage : self->state.stages)
    self->send(stage.executor, close_session_event{session, self->state.epoch});
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

void tick_later(ring_pointer self) {
  if (std::exchange(self->state.ticking, true))
    return;
  self->delayed_send(self, tick_pause, ring_tick{});
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
  const auto id = open->session;
  const auto count = static_cast<std::uint32_t>(open->prompt.size());
  // Registered before it is open: a stage lost meanwhile ends it too.
  auto promise = self->make_response_promise<generate_reply>();
  const bool is_new =
      std::none_of(state.sessions.begin(), state.sessions.end(), [&](const auto& x) {
        return caf::actor_cast<actor_ref>(x.second.sink) == sink;
      });
  if (is_new)
    self->monitor(sink);
  state.sessions.emplace(
      id, ring_state::session{generation(id, open->prompt, state.tokens, std::move(request.stop),
                                         self->clock().now()),
                              caf::actor_cast<text_sink_actor>(sink), promise});
  tick_later(self);
  auto left = std::make_shared<std::size_t>(state.stages.size());
  for (std::size_t i = 0; i < state.stages.size(); ++i)
    self->request(state.stages[i].executor, open_wait, *open)
        .then(
            [self, left, id, count, prompt = open->prompt,
             epoch = open->epoch](const open_session_reply&) mutable {
              const auto it = self->state.sessions.find(id);
              if (--*left != 0 || it == self->state.sessions.end())
                return;
              it->second.is_open = true;
              it->second.asked.deliver(generate_reply{id, count});
              self->send(self->state.stages.front().executor,
                         token_step{id, epoch, step_id{0}, 0, std::move(prompt)});
            },
            [self, id, who = label(state, i)](const caf::error& e) {
              end_session(self, id, in_context(who, from_caf(e)));
            });
  return promise;
}

void take_token(ring_pointer self, token_event& event) {
  auto& state = self->state;
  const auto it = state.sessions.find(event.session);
  // The end of a session overtakes tokens that are under way.
  if (it == state.sessions.end() || event.epoch != state.epoch)
    return;
  auto outcome = it->second.answer.take(std::move(event), self->clock().now());
  if (outcome.text)
    self->send(it->second.sink, std::move(*outcome.text));
  if (!outcome.end)
    return;
  auto ended = state.sessions.extract(it);
  close_everywhere(self, ended.key());
  send_end(self, ended.mapped(), std::move(*outcome.end));
}

void end_session(ring_pointer self, session_id session, const error& why) {
  auto node = self->state.sessions.extract(session);
  if (node.empty())
    return;
  close_everywhere(self, session);
  if (why.code != errc::none)
    spdlog::info("ring {}: session {} failed: {}", self->state.context.name, to_string(session),
                 why.message);
  send_end(self, node.mapped(), node.mapped().answer.end(why));
}

void end_all_sessions(ring_pointer self, const error& why) {
  while (!self->state.sessions.empty())
    end_session(self, self->state.sessions.begin()->first, why);
}

void end_stalled_sessions(ring_pointer self) {
  auto& state = self->state;
  state.ticking = false;
  const auto limit = std::chrono::milliseconds{state.settings.step_timeout_ms};
  std::vector<session_id> stalled;
  for (const auto& [id, session] : state.sessions)
    if (self->clock().now() - session.answer.last_progress() > limit)
      stalled.push_back(id);
  for (const auto id : stalled)
    end_session(self, id,
                {errc::timed_out,
                 "no token for " + std::to_string(limit.count()) + " ms (step_timeout_ms)"});
  if (!state.sessions.empty())
    tick_later(self);
}

} // namespace dci
