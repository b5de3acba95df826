#include "actors/membership/actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "actors/membership/service.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

node_time steady_now() {
  return node_time(std::chrono::duration_cast<node_clock::duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

void turn(membership_pointer self) {
  auto& state = self->state;
  if (!state.service)
    return;
  const auto now = steady_now();
  if (state.next_turn <= now)
    state.next_turn = no_time; // this is it
  const auto next = state.service->turn(now);
  if (next >= state.next_turn)
    return;
  state.next_turn = next;
  self->delayed_send(self, std::max(next - now, node_clock::duration{0}), membership_turn{});
}

} // namespace

membership_state::membership_state() = default;
membership_state::~membership_state() = default;

membership_inside::behavior_type membership(membership_pointer self, spawn_context context,
                                            membership_config config) {
  const auto note = [to = caf::actor_cast<caf::weak_actor_ptr>(self)] {
    if (const auto strong = to.lock())
      caf::anon_send(caf::actor_cast<membership_inside>(strong), membership_turn{});
  };
  auto started = membership_service::start(config, steady_now(), note);
  if (started) {
    self->state.service = std::move(*started);
    self->send(self, membership_turn{});
  } else {
    spdlog::error("{}: {}", context.name, started.error().message);
    self->quit(to_caf(started.error()));
  }
  return {
      [self](const membership_describe_request&) -> caf::result<membership_description> {
        return self->state.service->describe();
      },
      [self](const membership_turn&) { turn(self); },
  };
}

} // namespace dci
