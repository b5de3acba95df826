#include "actors/ring/actor.hpp"

#include "runtime/base/log.hpp"

namespace dci {
namespace {

void on_down(ring_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  // A sink that is gone wants no more tokens.
  std::vector<session_id> unheard;
  for (const auto& [id, session] : state.sessions)
    if (down.source == session.sink)
      unheard.push_back(id);
  for (const auto id : unheard)
    end_session(self, id, nothing_wrong);
  if (state.now == ring_state::phase::ready && take_down(self, down))
    return;
  for (std::size_t i = 0; i < state.stages.size(); ++i) {
    const auto& stage = state.stages[i];
    if (down.source != stage.executor && down.source != stage.node)
      continue;
    const error why{errc::peer_lost, label(state, i) + " is lost: " + reason_text(down.reason)};
    return lose_stage(self, why);
  }
}

void take_failure(ring_pointer self, std::uint32_t stage, const step_failed_event& event) {
  if (event.epoch == self->state.epoch && event.stage == stage)
    end_session(self, event.session,
                {event.code, label(self->state, stage) + ", step " + to_string(event.step) + ": " +
                                 event.message});
}

} // namespace

void take_message(ring_pointer self, std::uint32_t stage, step_message& message) {
  if (auto* tokens = std::get_if<tokens_event>(&message))
    take_tokens(self, *tokens);
  else if (auto* failed = std::get_if<step_failed_event>(&message))
    take_failure(self, stage, *failed);
  else if (auto* opened = std::get_if<open_session_reply>(&message))
    take_opened(self, stage, *opened);
  else if (std::holds_alternative<link_lost_event>(message))
    lose_next_of(self, stage);
  else
    spdlog::warn("ring {}: dropped a message that is for stages", self->state.context.name);
}

ring_inside::behavior_type ring(ring_pointer self, spawn_context context, ring_settings settings) {
  self->state.context = std::move(context);
  self->state.settings = std::move(settings);
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  return {
      [self](const assemble_request&) -> caf::result<ring_description> {
        if (self->state.now == ring_state::phase::ready)
          return describe(self->state);
        auto promise = self->make_response_promise<ring_description>();
        self->state.waiting.push_back(promise);
        if (self->state.now == ring_state::phase::apart)
          assemble(self);
        return promise;
      },
      [self](const ring_describe_request&) { return describe(self->state); },
      [self](generate_request& request) { return generate(self, request); },
      [self](const cancel_request& request) -> caf::result<generate_reply> {
        if (!self->state.sessions.contains(request.session))
          return to_caf(
              {errc::not_found, "no session " + to_string(request.session) + " is under way"});
        end_session(self, request.session, nothing_wrong);
        return generate_reply{request.session, 0};
      },
      [self](step_frame& frame) { take_frame(self, frame, nullptr); },
      [self](const link_report_event& report) { take_report(self, report, nullptr); },
      [self](const ring_tick&) { end_stalled_sessions(self); },
      [self](frame_arrived& arrived) { take_arrived(self, arrived); },
      [self](const link_found& found) { take_found(self, found); },
      [self](const link_tick&) { tick_links(self); },
  };
}

} // namespace dci
