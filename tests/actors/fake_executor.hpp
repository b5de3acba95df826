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
      self->send(caf::actor_cast<ring_actor>(self->state.wiring.coordinator),
                 step_failed_event{session, self->state.wiring.epoch, at, self->state.wiring.stage,
                                   errc::not_finite, "numbers ran away"});
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
      [settings, context](const open_session_request& request) -> caf::result<open_session_reply> {
        if (settings.refuses_sessions)
          return to_caf({errc::context_full, context.name + " has no room"});
        return open_session_reply{request.session, 0, settings.known};
      },
      [](const close_session_event&) {},
      [step](const token_step& m) { step(m.session, m.step); },
      [step](const hidden_pass& m) {
        for (const auto& one : m.steps)
          step(one.session, one.step);
      },
      [](const turn_event&) {},
  };
}

} // namespace dci::test
