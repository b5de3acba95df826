#include "actors/proximity_prober/actor.hpp"

#include "actors/link/actor_beside.hpp"
#include "actors/proximity_prober/service.hpp"
#include "actors/proximity_prober/table.hpp"

namespace dci {
namespace {

void turn(prober_pointer self) {
  auto& state = self->state;
  if (!state.service)
    return;
  state.timer.begin(steady_node_time());
  const auto next = state.service->turn();
  if (const auto wait = state.timer.note_for(next, steady_node_time()))
    self->delayed_send(self, *wait, prober_turn{});
}

void begin(prober_pointer self, const prober_config& config,
           const std::shared_ptr<node_link>& link) {
  const auto note = turn_note<prober_inside, prober_turn>(self);
  auto opened = prober_service::start(self->state.settings, link, note);
  if (!opened)
    return give_up(self, self->state.context.name, to_caf(opened.error()));
  self->state.service = std::move(*opened);
  const watch_members_request watch{caf::actor_cast<actor_ref>(self), true};
  ask_beside<membership_actor, members_list>(self, self->state.context, config.membership, watch,
                                             [self](const members_list& known) {
                                               for (const auto& member : known.members)
                                                 self->state.service->machine().add(member);
                                               turn(self);
                                             });
}

} // namespace

prober_state::prober_state() = default;
prober_state::~prober_state() = default;

prober_inside::behavior_type proximity_prober(prober_pointer self, spawn_context context,
                                              prober_config config) {
  self->state.context = context;
  self->state.settings.budget = config.budget;
  self->state.weights.alpha = config.alpha;
  self->state.weights.least_bandwidth_mbit = config.least_mbit_per_s;
  if (config.budget == 0 || !(config.alpha >= 0 && config.alpha <= 1) ||
      !(config.least_mbit_per_s >= 0))
    give_up(self, context.name,
            to_caf({errc::bad_config,
                    "budget goes from 1, alpha from 0 to 1, least_mbit_per_s from 0"}));
  else
    open_link_beside(self, context, config.link,
                     [=](const std::shared_ptr<node_link>& link) { begin(self, config, link); });
  return {
      [self](const proximity_describe_request&) {
        const auto& state = self->state;
        return state.service ? describe(state.service->machine(), state.weights, steady_node_time())
                             : proximity_description{};
      },
      [self](const member_changed_event& change) {
        if (!self->state.service)
          return;
        if (change.is_member)
          self->state.service->machine().add(change.node);
        else
          self->state.service->machine().remove(change.node.id);
      },
      [self](const traffic_event& event) {
        if (self->state.service)
          self->state.service->machine().saw(
              event.node.id, std::chrono::microseconds(event.round_trip_us), steady_node_time());
      },
      [self](const prober_turn&) { turn(self); },
  };
}

} // namespace dci
