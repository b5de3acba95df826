// The ring's links to its stages.
#include <algorithm>

#include "actors/ring/actor.hpp"
#include "actors/step_link/actor_frames.hpp"
#include "actors/step_link/wire.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

std::uint32_t stages_of(const ring_state& state) {
  return static_cast<std::uint32_t>(state.stages.size());
}

void tick_soon(ring_pointer self) {
  auto& state = self->state;
  const auto is_troubled = [](const auto& stage) { return stage.link.is_troubled(); };
  if (state.is_looking_after_links || !std::ranges::any_of(state.stages, is_troubled))
    return;
  state.is_looking_after_links = true;
  self->delayed_send(self, link_tick_pause, link_tick{});
}

/// The stage whose link it is; nullptr where there is none, as after the ring fell apart.
ring_state::stage* stage_of(ring_pointer self, epoch_id epoch, std::uint32_t link) {
  auto& state = self->state;
  const auto count = stages_of(state);
  const bool is_ours = state.now == ring_state::phase::ready && epoch == state.epoch;
  return is_ours && link >= count && link < 2 * count ? &state.stages[link - count] : nullptr;
}

const std::string silent = " is lost: its process died or does not answer";

} // namespace

result make_links(ring_pointer self) {
  auto& state = self->state;
  const auto count = stages_of(state);
  const auto allowed = transport_from(state.settings.transport);
  bool is_heard = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto& stage = state.stages[i];
    actor_link::setup setup;
    setup.epoch = state.epoch;
    setup.number = count + i;
    setup.to = end_of(stage);
    setup.allowed = allowed.value_or(transport::any);
    setup.wait = std::chrono::milliseconds{state.settings.link_wait_ms};
    setup.dials = true;
    setup.node = state.context.node;
    setup.own_name = state.context.name;
    setup.frames = state.context.frames;
    auto made = actor_link::make(self, std::move(setup));
    if (!made)
      return fail(in_context(label(state, i), made.error()));
    stage.link = std::move(*made);
    if (stage.link.port() && !std::exchange(is_heard, true))
      hear_frames(self, state.context.name, stage.link.port());
  }
  tick_soon(self);
  return {};
}

void take_frame(ring_pointer self, step_frame& frame, const frame_route* by) {
  auto* const stage = stage_of(self, frame.epoch, frame.link);
  if (stage == nullptr)
    return;
  const auto index = frame.link - stages_of(self->state);
  if (auto message = stage->link.take(self, std::move(frame), by))
    take_message(self, index, *message);
}

void take_report(ring_pointer self, const link_report_event& report, const frame_route* by) {
  if (auto* const stage = stage_of(self, report.epoch, report.link))
    stage->link.take(self, report, by);
}

void take_arrived(ring_pointer self, frame_arrived& arrived) {
  auto message = unpack_link_message(arrived.what);
  if (!message)
    return spdlog::warn("ring {}: dropped a frame: {}", self->state.context.name,
                        message.error().message);
  if (auto* frame = std::get_if<step_frame>(&*message))
    take_frame(self, *frame, &arrived.by);
  else
    take_report(self, std::get<link_report_event>(*message), &arrived.by);
}

void take_found(ring_pointer self, const link_found& found) {
  auto* const stage = stage_of(self, found.epoch, found.link);
  if (stage == nullptr)
    return;
  stage->link.take(self, found);
  if (found.actor)
    stage->executor = caf::actor_cast<shard_executor_actor>(found.actor);
}

void tick_links(ring_pointer self) {
  auto& state = self->state;
  state.is_looking_after_links = false;
  if (state.now != ring_state::phase::ready)
    return;
  for (auto& stage : state.stages)
    stage.link.tick(self);
  const auto now = self->clock().now();
  for (std::size_t i = 0; i < state.stages.size(); ++i)
    if (state.stages[i].link.is_lost(now))
      return lose_stage(self, {errc::peer_lost, label(state, i) + silent});
  tick_soon(self);
}

bool take_down(ring_pointer self, const caf::down_msg& down) {
  bool is_out_of_reach = false;
  for (auto& stage : self->state.stages) {
    is_out_of_reach |= stage.link.take_down(self, down);
    // The ring watches executors and hosts by itself, too; their links hear of it on their own.
    is_out_of_reach |= down.reason == caf::exit_reason::remote_link_unreachable &&
                       (down.source == stage.node || down.source == stage.executor);
  }
  tick_soon(self);
  return is_out_of_reach;
}

void lose_stage(ring_pointer self, const error& why) {
  spdlog::warn("ring {}: {}", self->state.context.name, why.message);
  end_all_sessions(self, why);
  fall_apart(self, why);
}

void lose_next_of(ring_pointer self, std::uint32_t stage) {
  auto& state = self->state;
  const auto next = (stage + 1) % state.stages.size();
  const bool is_gone = !state.stages[next].link.has_carrier();
  lose_stage(self, {errc::peer_lost,
                    label(state, next) +
                        (is_gone ? silent : " cannot be reached from " + label(state, stage))});
}

} // namespace dci
