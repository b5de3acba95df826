// A shard executor that holds no model and can be told to misbehave.
#pragma once

#include "actors/protocols.hpp"
#include "actors/registry.hpp"

namespace dci::test {

struct fake_settings {
  std::string fingerprint;
  layer_span layers;
  /// Messages that it never answers.
  bool ignores_load = false;
  bool ignores_steps = false;
  bool refuses_sessions = false;
  std::uint32_t known = 0;

  static constexpr std::string_view type_name = "fake_settings";
  static constexpr auto fields() {
    using self = fake_settings;
    return std::tuple{required("fingerprint", &self::fingerprint, "of its model"),
                      required("layers", &self::layers, "what it claims to hold"),
                      field("ignores_load", &self::ignores_load, "never answers load_request"),
                      field("ignores_steps", &self::ignores_steps, "swallows steps"),
                      field("refuses_sessions", &self::refuses_sessions, "opens none"),
                      field("known", &self::known, "what it claims to know of prompts")};
  }
};

struct fake_state {
  fake_state() = default;

  wire_request wiring;
  std::vector<caf::typed_response_promise<shard_description>> unanswered;
};

/// Over its link to the ring, inside this process.
inline void tell_ring(shard_executor_actor::stateful_pointer<fake_state> self,
                      step_message message) {
  const auto& wiring = self->state.wiring;
  self->send(caf::actor_cast<ring_actor>(wiring.coordinator.actor),
             step_frame{wiring.epoch, wiring.stages + wiring.stage, 0, std::move(message)});
}

/// Where it does not misbehave, every step fails with not_finite.
inline shard_executor_actor::behavior_type
fake_executor(shard_executor_actor::stateful_pointer<fake_state> self, spawn_context context,
              fake_settings settings) {
  const auto describe = [settings] {
    shard_description out;
    out.model = "fake";
    out.fingerprint = settings.fingerprint;
    out.layers = settings.layers;
    out.loaded = true;
    out.activations = "f32";
    return out;
  };
  const auto step = [self, settings](session_id session, step_id at) {
    if (!settings.ignores_steps)
      tell_ring(self,
                step_failed_event{session, self->state.wiring.epoch, at, self->state.wiring.stage,
                                  errc::not_finite, "numbers ran away"});
  };
  const auto open = [self, settings, name = context.name](const open_session_request& request) {
    open_session_reply reply{request.session, request.attempt, 0, settings.known, errc::none, {}};
    if (settings.refuses_sessions) {
      reply.code = errc::context_full;
      reply.message = name + " has no room";
    }
    tell_ring(self, reply);
  };
  return {
      [self, settings, describe](const load_request&) -> caf::result<shard_description> {
        if (settings.ignores_load)
          return self->state.unanswered.emplace_back(
              self->make_response_promise<shard_description>());
        return describe();
      },
      [describe](const shard_describe_request&) { return describe(); },
      [self](const wire_request& request) {
        self->state.wiring = request;
        return wire_reply{request.stage};
      },
      [step, open](const step_frame& frame) {
        if (const auto* request = std::get_if<open_session_request>(&frame.message))
          open(*request);
        else if (const auto* first = std::get_if<token_step>(&frame.message))
          step(first->session, first->step);
        else if (const auto* pass = std::get_if<hidden_pass>(&frame.message))
          for (const auto& one : pass->steps)
            step(one.session, one.step);
      },
      [](const link_report_event&) {},
  };
}

} // namespace dci::test
