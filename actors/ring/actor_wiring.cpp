// The last phases of putting a ring together: where hosts hear ZeroMQ, neighbours that reach one
// another, places, links.
#include <algorithm>
#include <set>

#include "actors/ring/actor_phase.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

void be_ready(ring_pointer self) {
  auto& state = self->state;
  state.now = ring_state::phase::ready;
  const auto description = describe(state);
  spdlog::info("ring {}: {} stages are ready", state.context.name, state.stages.size());
  for (auto& promise : std::exchange(state.waiting, {}))
    promise.deliver(description);
}

/// Stages on one machine share its cores: what one waits for, another does. Several
/// machines are all busy if each has a pass at hand and one is on its way.
std::uint32_t passes_of(const ring_state& state) {
  if (state.settings.passes != 0)
    return state.settings.passes;
  std::set<std::string> machines;
  for (const auto& stage : state.stages)
    machines.insert(stage.about.machine);
  return machines.size() == 1 ? 1 : static_cast<std::uint32_t>(machines.size()) + 1;
}

} // namespace

link_end end_of(const ring_state::stage& stage) {
  return {caf::actor_cast<actor_ref>(stage.executor), stage.actor, stage.address, stage.frames};
}

namespace {

void link_all(ring_pointer self) {
  if (auto made = make_links(self); !made)
    return fall_apart(self, made.error());
  be_ready(self);
}

void wire_all(ring_pointer self) {
  auto& state = self->state;
  const auto count = state.stages.size();
  const auto passes = passes_of(state);
  const phase_gate gate(self, count, link_all);
  for (std::size_t i = 0; i < count; ++i) {
    wire_request wire;
    wire.ring = state.context.name;
    wire.epoch = state.epoch;
    wire.stage = static_cast<std::uint32_t>(i);
    wire.stages = static_cast<std::uint32_t>(count);
    wire.passes = passes;
    wire.previous = end_of(state.stages[(i + count - 1) % count]);
    wire.next = end_of(state.stages[(i + 1) % count]);
    wire.coordinator = {caf::actor_cast<actor_ref>(self), state.context.name, {}, state.frames};
    wire.next_transport = to_string(state.stages[i].to_next);
    wire.ring_transport = state.settings.transport;
    wire.link_wait_ms = state.settings.link_wait_ms;
    wire.is_owned = state.stages[i].is_ours;
    const auto who = label(state, i);
    self->request(state.stages[i].executor, short_wait, wire)
        .then([gate](const wire_reply&) { gate.one_done(); },
              [gate, who](const caf::error& e) { gate.failed(who, e); });
  }
}

/// A stage's host connects to the next stage's host, so that rows take the
/// direct way. The ring's own host has reached every other one already.
void connect_neighbours(ring_pointer self) {
  auto& state = self->state;
  const auto count = state.stages.size();
  std::vector<std::size_t> edges;
  std::set<std::pair<std::string, std::string>> connected; // one connection carries both ways
  for (std::size_t i = 0; i < count; ++i) {
    const auto& from = state.stages[i];
    const auto& to = state.stages[(i + 1) % count];
    if (!from.address.empty() && !to.address.empty() && from.address != to.address &&
        from.to_next != transport::zmq &&
        connected.insert(std::minmax(from.address, to.address)).second)
      edges.push_back(i);
  }
  if (edges.empty())
    return wire_all(self);
  const phase_gate gate(self, edges.size(), wire_all);
  for (const auto i : edges) {
    const auto who = label(state, i);
    const bool may_do_without =
        state.stages[i].to_next == transport::any && !state.stages[i].frames.address.empty();
    self->request(state.stages[i].node, ms(state.settings.dial_wait_ms) + short_wait,
                  dial_request{state.stages[(i + 1) % count].address, state.settings.dial_wait_ms})
        .then([gate](const dial_reply&) { gate.one_done(); },
              [gate, who, may_do_without](const caf::error& e) {
                if (!may_do_without)
                  return gate.failed(who, e);
                spdlog::warn("{} goes on without CAF: {}", who, from_caf(e).message);
                gate.one_done();
              });
  }
}

bool is_remote(const ring_state::stage& stage) {
  return !stage.address.empty();
}

} // namespace

/// Asks every host where it hears ZeroMQ, unless nobody would write there.
void connect_stages(ring_pointer self) {
  auto& state = self->state;
  const bool is_needed =
      state.settings.transport != to_string(transport::caf) ||
      std::ranges::any_of(state.stages, [](const auto& s) { return s.to_next != transport::caf; });
  if (!is_needed || std::ranges::none_of(state.stages, is_remote))
    return connect_neighbours(self);
  const phase_gate gate(self, state.stages.size() + 1, connect_neighbours);
  const auto is_zmq = [](const auto& stage) { return stage.to_next == transport::zmq; };
  const bool is_needed_for_sure = state.settings.transport == to_string(transport::zmq) ||
                                  std::ranges::any_of(state.stages, is_zmq);
  const auto without = [gate, is_needed_for_sure](const std::string& who, const caf::error& e) {
    if (is_needed_for_sure)
      return gate.failed(who, e);
    spdlog::warn("{} goes without ZeroMQ: {}", who, from_caf(e).message);
    gate.one_done();
  };
  const auto own = caf::actor_cast<node_actor>(state.context.node);
  self->request(own, short_wait, frames_request{})
      .then(
          [self, gate](frame_contact& contact) {
            if (gate.current())
              self->state.frames = std::move(contact);
            gate.one_done();
          },
          [without](const caf::error& e) { without("the ring's own host", e); });
  for (std::size_t i = 0; i < state.stages.size(); ++i)
    self->request(state.stages[i].node, short_wait, frames_request{})
        .then(
            [self, gate, i](frame_contact& contact) {
              if (!gate.current())
                return;
              self->state.stages[i].frames = std::move(contact);
              gate.one_done();
            },
            [without, who = label(state, i)](const caf::error& e) { without(who, e); });
}

} // namespace dci
