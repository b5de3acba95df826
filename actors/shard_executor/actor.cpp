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
    for (const auto* link : {&state.links.next, &state.links.previous, &state.links.ring})
      out.links.push_back(link->describe());
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
  auto& links = self->state.links;
  for (auto& event : out.failed)
    links.ring.send(self, std::move(event));
  if (auto* pass = std::get_if<hidden_pass>(&out.next))
    links.next.send(self, std::move(*pass));
  else if (auto* turn = std::get_if<turn_event>(&out.next))
    links.next.send(self, std::move(*turn));
  if (!out.tokens.tokens.empty())
    links.ring.send(self, std::move(out.tokens));
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

void open_session(self_ptr self, const open_session_request& request) {
  auto& place = *self->state.place;
  auto opened = place.open(request);
  if (!opened)
    opened = open_session_reply{request.session,     request.attempt,       place.place().stage, 0,
                                opened.error().code, opened.error().message};
  self->state.links.ring.send(self, std::move(*opened));
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
  if (state.is_noted)
    state.thread.give_way();
}

} // namespace

void take_message(self_ptr self, step_message& message) {
  auto& state = self->state;
  if (auto* open = std::get_if<open_session_request>(&message))
    return open_session(self, *open);
  if (auto* close = std::get_if<close_session_event>(&message))
    return state.place->close(*close);
  if (auto* step = std::get_if<token_step>(&message))
    state.place->take(std::move(*step));
  else if (auto* pass = std::get_if<hidden_pass>(&message))
    state.place->take(std::move(*pass));
  else if (auto* turn = std::get_if<turn_event>(&message))
    state.place->take(std::move(*turn));
  else
    return spdlog::warn("{}: dropped a message that is for rings", state.context.name);
  run_soon(self);
}

shard_executor_inside::behavior_type shard_executor(self_ptr self, spawn_context context,
                                                    shard_settings settings) {
  self->state.context = std::move(context);
  self->state.settings = std::move(settings);
  self->set_down_handler([self](const caf::down_msg& down) { take_down(self, down); });
  self->set_exit_handler([self](caf::exit_msg& exit) { take_exit(self, exit); });
  return {
      [self](const load_request&) -> caf::result<shard_description> {
        if (auto loaded = load(self->state); !loaded)
          return to_caf(loaded.error());
        return describe(self->state);
      },
      [self](const shard_describe_request&) { return describe(self->state); },
      [self](wire_request& request) { return wire(self, request); },
      [self](step_frame& frame) { take_frame(self, frame, nullptr); },
      [self](const link_report_event& report) { take_report(self, report, nullptr); },
      [self](const run_pass&) { run(self); },
      [self](frame_arrived& arrived) { take_arrived(self, arrived); },
      [self](const link_found& found) { take_found(self, found); },
      [self](const link_tick&) { tick_links(self); },
  };
}

} // namespace dci
