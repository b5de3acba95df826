// A stage's place in a ring, and the links that come with it.
#include <algorithm>

#include "actors/shard_executor/actor.hpp"
#include "actors/step_link/actor_frames.hpp"
#include "actors/step_link/wire.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

using self_ptr = shard_executor_pointer;

void leave_ring(self_ptr self) {
  auto& state = self->state;
  state.place.reset();
  state.links = {};
  state.coordinator = nullptr;
}

actor_link::setup setup_of(const shard_executor_state& state, const wire_request& request,
                           std::uint32_t number, const link_end& to) {
  actor_link::setup out;
  out.epoch = request.epoch;
  out.number = number;
  out.to = to;
  out.wait = std::chrono::milliseconds{request.link_wait_ms};
  out.node = state.context.node;
  out.own_name = state.context.name;
  out.frames = state.context.frames;
  return out;
}

expected<stage_links> make_links(self_ptr self, const wire_request& request) {
  const auto allowed = transport_from(request.next_transport);
  const auto of_ring = transport_from(request.ring_transport);
  if (!allowed || !of_ring)
    return fail(errc::bad_request, self->state.context.name + ": a transport is auto, caf or zmq");
  stage_links out;
  out.stages = request.stages;
  out.stage = request.stage;
  const auto before = (request.stage + request.stages - 1) % request.stages;
  auto next = setup_of(self->state, request, request.stage, request.next);
  next.allowed = *allowed;
  next.dials = true;
  DCI_ASSIGN(out.next, actor_link::make(self, std::move(next)));
  // What the other end may use is his to choose: he dials.
  DCI_ASSIGN(out.previous,
             actor_link::make(self, setup_of(self->state, request, before, request.previous)));
  auto ring = setup_of(self->state, request, request.stages + request.stage, request.coordinator);
  ring.allowed = *of_ring;
  DCI_ASSIGN(out.ring, actor_link::make(self, std::move(ring)));
  return out;
}

void tick_soon(self_ptr self) {
  auto& links = self->state.links;
  const auto all = links.all();
  if (links.is_ticking || !std::ranges::any_of(all, [](auto* link) { return link->is_troubled(); }))
    return;
  links.is_ticking = true;
  self->delayed_send(self, link_tick_pause, link_tick{});
}

/// Also when a handle was made anew after its host was out of reach.
bool is_same(const actor_ref& a, const actor_ref& b) {
  return a->aid == b->aid && a->nid == b->nid;
}

/// The link of this number, in this epoch; nullptr, and a word of it, where there is none.
actor_link* link_of(self_ptr self, epoch_id epoch, std::uint32_t number) {
  auto& state = self->state;
  auto* const link = state.place ? state.links.find(number) : nullptr;
  if (link != nullptr && epoch == state.place->place().epoch)
    return link;
  spdlog::warn("{}: dropped a message for link {} of epoch {}: {}", state.context.name, number,
               to_string(epoch), state.place ? "not of this ring" : "not wired into a ring");
  return nullptr;
}

} // namespace

caf::result<wire_reply> wire(self_ptr self, wire_request& request) {
  auto& state = self->state;
  if (!state.range)
    return to_caf({errc::bad_request, state.context.name + ": load the weights before wiring it"});
  if (!request.next.actor || !request.previous.actor || !request.coordinator.actor ||
      request.stage >= request.stages)
    return to_caf({errc::bad_request, state.context.name + ": the wiring names no neighbours"});
  if (state.coordinator && !is_same(state.coordinator, request.coordinator.actor))
    return to_caf({errc::already_exists, state.context.name + " is a stage of ring \"" +
                                             state.ring +
                                             "\": stop that ring, or start another executor"});
  auto links = make_links(self, request);
  if (!links)
    return to_caf(links.error());
  state.links = std::move(*links);
  for (auto* link : state.links.all())
    if (link->port()) {
      hear_frames(self, state.context.name, link->port());
      break;
    }
  state.ring = request.ring;
  state.coordinator = request.coordinator.actor;
  state.is_owned = request.is_owned;
  const stage_place place{request.epoch, request.stage, request.stages, state.settings.prompt_chunk,
                          request.passes};
  state.place.emplace(state.range, place, state.proposers);
  tick_soon(self);
  return wire_reply{request.stage};
}

void take_frame(self_ptr self, step_frame& frame, const frame_route* by) {
  auto* const link = link_of(self, frame.epoch, frame.link);
  if (link == nullptr)
    return;
  if (auto message = link->take(self, std::move(frame), by))
    take_message(self, *message);
}

void take_report(self_ptr self, const link_report_event& report, const frame_route* by) {
  if (auto* const link = link_of(self, report.epoch, report.link))
    link->take(self, report, by);
}

void take_arrived(self_ptr self, frame_arrived& arrived) {
  auto message = unpack_link_message(arrived.what);
  if (!message)
    return spdlog::warn("{}: dropped a frame: {}", self->state.context.name,
                        message.error().message);
  if (auto* frame = std::get_if<step_frame>(&*message))
    take_frame(self, *frame, &arrived.by);
  else
    take_report(self, std::get<link_report_event>(*message), &arrived.by);
}

void take_found(self_ptr self, const link_found& found) {
  if (auto* const link = link_of(self, found.epoch, found.link))
    link->take(self, found);
}

void tick_links(self_ptr self) {
  auto& state = self->state;
  state.links.is_ticking = false;
  if (!state.place)
    return;
  for (auto* link : state.links.all())
    link->tick(self);
  const auto now = self->clock().now();
  const auto& place = state.place->place();
  if (!state.links.said_lost && state.links.next.is_lost(now)) {
    state.links.said_lost = true;
    state.links.ring.send(self, link_lost_event{place.epoch, place.stage});
  }
  if (state.links.ring.is_lost(now)) {
    spdlog::warn("{}: ring \"{}\" is out of reach for too long", state.context.name, state.ring);
    if (state.is_owned)
      return self->quit(caf::exit_reason::remote_link_unreachable);
    return leave_ring(self);
  }
  tick_soon(self);
}

void take_down(self_ptr self, const caf::down_msg& down) {
  auto& state = self->state;
  if (!state.place)
    return;
  bool is_out_of_reach = false;
  for (auto* link : state.links.all())
    is_out_of_reach |= link->take_down(self, down);
  if (is_out_of_reach)
    return tick_soon(self);
  if (!state.links.ring.is_at(down.source))
    return;
  if (state.is_owned)
    return self->quit(caf::exit_reason::user_shutdown);
  leave_ring(self);
}

void take_exit(self_ptr self, caf::exit_msg& exit) {
  if (self->state.place && exit.reason == caf::exit_reason::remote_link_unreachable)
    return; // its link to the ring may go on without CAF
  self->quit(std::move(exit.reason));
}

} // namespace dci
