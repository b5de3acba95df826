#include "actors/shard_executor/actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "runtime/base/log.hpp"
#include "runtime/base/progress.hpp"
#include "tensors/backend/backend.hpp"
#include "tensors/backend/engine.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {
namespace {

using self_ptr = shard_executor_pointer;

shard_description describe(const shard_executor_state& state) {
  shard_description out;
  out.model = state.settings.model.string();
  out.fingerprint = state.fingerprint;
  out.layers = state.settings.layers.value_or(layer_span{});
  out.loaded = state.range != nullptr;
  out.activations = state.settings.engine.activations;
  if (state.range) {
    const auto& info = state.range->info();
    out.layers = info.layers;
    out.model_layers = info.model_layers;
    out.hidden = info.hidden;
    out.vocab = info.vocab;
    out.context = info.context;
    out.weight_bytes = info.weight_bytes;
    out.kv_bytes_per_position = info.kv_bytes_per_position;
  }
  if (state.place) {
    out.sessions = state.place->sessions();
    out.steps = state.place->steps();
    out.passes = state.place->passes();
    out.dropped = state.place->dropped();
  }
  return out;
}

result load(shard_executor_state& state) {
  if (state.range)
    return {};
  const auto& engine = state.settings.engine;
  DCI_ASSIGN(const auto kind, backend_from(engine.backend));
  set_threads(engine.threads);
  DCI_TRY(set_instructions(engine.instructions));
  DCI_ASSIGN(auto model, open_model(state.settings.model));
  const auto layers = state.settings.layers.value_or(layer_span{0, model->config.layers});
  progress bar(state.context.host + ": loading layers " + to_string(layers));
  const auto options = options_of(engine, model->config, layers);
  DCI_ASSIGN(auto range, load_range(kind, model, layers, options,
                                    [&](double fraction) { bar.update(fraction); }));
  if (range->info().is_last()) {
    DCI_ASSIGN(state.proposers, load_proposers(engine, *model, kind));
  }
  state.fingerprint = model->fingerprint;
  state.range = std::move(range);
  spdlog::info("{}: layers {} of {} loaded", state.context.name, to_string(layers),
               state.settings.model.string());
  return {};
}

void send_out(self_ptr self, stage_output out) {
  auto& state = self->state;
  const auto ring = caf::actor_cast<ring_actor>(state.coordinator);
  const auto next = caf::actor_cast<shard_executor_actor>(state.next);
  for (auto& event : out.failed)
    self->send(ring, std::move(event));
  if (auto* pass = std::get_if<hidden_pass>(&out.next))
    self->send(next, std::move(*pass));
  else if (auto* turn = std::get_if<turn_event>(&out.next))
    self->send(next, std::move(*turn));
  if (!out.tokens.tokens.empty())
    self->send(ring, std::move(out.tokens));
}

/// What is in the mailbox by now is taken before the note to itself: so steps that
/// have come meanwhile run together.
void run_soon(self_ptr self) {
  auto& state = self->state;
  if (state.is_noted || !state.place || !state.place->is_due())
    return;
  state.is_noted = true;
  self->send(self, run_pass{});
}

/// A message for a stage that is in no ring has nobody to complain to.
template <class Message>
void take(self_ptr self, Message& message) {
  if (!self->state.place) {
    spdlog::warn("{}: dropped a {}: not wired into a ring", self->state.context.name,
                 Message::type_name);
    return;
  }
  self->state.place->take(std::move(message));
  run_soon(self);
}

void run(self_ptr self) {
  auto& state = self->state;
  state.is_noted = false;
  if (!state.place)
    return;
  state.thread.work();
  auto out = state.place->run();
  // The threads that send are woken on this core.
  state.thread.wait();
  send_out(self, std::move(out));
  run_soon(self);
}

caf::result<wire_reply> wire(self_ptr self, wire_request& request) {
  auto& state = self->state;
  if (!state.range)
    return to_caf({errc::bad_request, state.context.name + ": load the weights before wiring it"});
  if (!request.next || !request.coordinator || request.stage >= request.stages)
    return to_caf({errc::bad_request, state.context.name + ": the wiring names no neighbours"});
  if (state.coordinator && state.coordinator != request.coordinator)
    return to_caf({errc::already_exists, state.context.name + " is a stage of ring \"" +
                                             state.ring +
                                             "\": stop that ring, or start another executor"});
  state.ring = request.ring;
  state.next = request.next;
  state.coordinator = request.coordinator;
  const stage_place place{request.epoch, request.stage, request.stages, state.settings.prompt_chunk,
                          request.passes};
  state.place.emplace(state.range, place, state.proposers);
  // When the ring is gone its sessions are too.
  self->monitor(state.coordinator);
  return wire_reply{request.stage};
}

} // namespace

shard_executor_inside::behavior_type shard_executor(self_ptr self, spawn_context context,
                                                    shard_settings settings) {
  self->state.context = std::move(context);
  self->state.settings = std::move(settings);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& state = self->state;
    if (!state.coordinator || down.source != state.coordinator)
      return;
    state.place.reset();
    state.next = nullptr;
    state.coordinator = nullptr;
  });
  return {
      [self](const load_request&) -> caf::result<shard_description> {
        if (auto loaded = load(self->state); !loaded)
          return to_caf(loaded.error());
        return describe(self->state);
      },
      [self](const shard_describe_request&) { return describe(self->state); },
      [self](wire_request& request) { return wire(self, request); },
      [self](const open_session_request& request) -> caf::result<open_session_reply> {
        if (!self->state.place)
          return to_caf({errc::bad_request, self->state.context.name + ": is in no ring"});
        auto opened = self->state.place->open(request);
        if (!opened)
          return to_caf(opened.error());
        return *opened;
      },
      [self](const close_session_event& event) {
        if (self->state.place)
          self->state.place->close(event);
      },
      [self](token_step& step) { take(self, step); },
      [self](hidden_pass& pass) { take(self, pass); },
      [self](turn_event& event) { take(self, event); },
      [self](const run_pass&) { run(self); },
  };
}

} // namespace dci
