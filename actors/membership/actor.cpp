#include "actors/membership/actor.hpp"

#include "actors/link/actor_beside.hpp"
#include "actors/membership/service.hpp"

namespace dci {
namespace {

void tell_watchers(membership_pointer self, const member_event& event) {
  const bool is_member =
      event.change == member_change::came || event.change == member_change::moved;
  if (!is_member && event.change != member_change::died && event.change != member_change::left)
    return;
  for (const auto& watcher : self->state.watchers)
    self->send(caf::actor_cast<members_watcher_actor>(watcher.watcher),
               member_changed_event{event.node, is_member});
}

void tell_traffic(membership_pointer self, const membership_service::seen_round_trip& seen) {
  for (const auto& watcher : self->state.watchers)
    if (watcher.traffic)
      self->send(caf::actor_cast<traffic_watcher_actor>(watcher.watcher),
                 traffic_event{seen.node, static_cast<std::uint32_t>(seen.time.count())});
}

void turn(membership_pointer self) {
  auto& state = self->state;
  if (!state.service)
    return;
  const auto now = steady_node_time();
  state.timer.begin(now);
  const auto next = state.service->turn(now);
  for (const auto& event : state.service->take_events())
    tell_watchers(self, event);
  for (const auto& seen : state.service->take_round_trips())
    tell_traffic(self, seen);
  if (const auto wait = state.timer.note_for(next, now))
    self->delayed_send(self, *wait, membership_turn{});
}

void begin(membership_pointer self, const membership_config& config,
           const std::shared_ptr<node_link>& link) {
  const auto note = turn_note<membership_inside, membership_turn>(self);
  auto started = membership_service::start(config, link, steady_node_time(), note);
  if (!started)
    return give_up(self, self->state.context.name, to_caf(started.error()));
  self->state.service = std::move(*started);
  turn(self);
}

members_list all_members(const membership_state& state) {
  members_list out;
  for (std::size_t i = 0; state.service && i < state.service->state().members().size(); ++i)
    out.members.push_back(state.service->state().members().at(i).node);
  return out;
}

} // namespace

membership_state::membership_state() = default;
membership_state::~membership_state() = default;

membership_inside::behavior_type membership(membership_pointer self, spawn_context context,
                                            membership_config config) {
  self->state.context = context;
  self->set_down_handler([self](const caf::down_msg& down) {
    std::erase_if(self->state.watchers,
                  [&](const watch_members_request& w) { return w.watcher == down.source; });
  });
  open_link_beside(self, context, config.link,
                   [=](const std::shared_ptr<node_link>& link) { begin(self, config, link); });
  return {
      [self](const membership_describe_request&) -> caf::result<membership_description> {
        return self->state.service ? self->state.service->describe() : membership_description{};
      },
      [self](const watch_members_request& request) -> caf::result<members_list> {
        if (!request.watcher)
          return to_caf({errc::bad_request, "there is nobody to tell"});
        self->monitor(request.watcher);
        self->state.watchers.push_back(request);
        return all_members(self->state);
      },
      [self](const membership_turn&) { turn(self); },
  };
}

} // namespace dci
