#include "actors/proximity_prober/actor.hpp"

#include "actors/link/actor_beside.hpp"
#include "actors/proximity_prober/wire.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

constexpr auto channel = datagram_channel::proximity;

double ms(node_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void flush(prober_state& state) {
  for (const auto& [to, message] : state.out.sends)
    state.link->send(to, channel, pack_proximity(message));
  for (const auto reason : state.out.refused)
    state.link->refuse(reason);
  state.out.clear();
}

void take(prober_state& state, const arrival& one) {
  const auto message = unpack_proximity(one.payload);
  if (!message)
    return state.link->refuse("a probe or an echo cannot be read");
  const auto arrived =
      node_time(std::chrono::duration_cast<node_clock::duration>(one.at.time_since_epoch()));
  state.machine->receive(one.from, *message, arrived, state.out);
}

void turn(prober_pointer self) {
  auto& state = self->state;
  if (!state.machine)
    return;
  state.timer.begin(steady_node_time());
  for (const auto& one : state.link->take(channel))
    take(state, one);
  flush(state); // an echo does not wait for anything
  state.machine->tick(steady_node_time(), state.out);
  flush(state);
  const auto now = steady_node_time();
  if (const auto wait = state.timer.note_for(state.machine->next_tick(), now))
    self->delayed_send(self, *wait, prober_turn{});
}

void begin(prober_pointer self, const prober_config& config,
           const std::shared_ptr<node_link>& link) {
  const auto note = turn_note<prober_inside, prober_turn>(self);
  auto& state = self->state;
  if (auto served = link->serve(channel, note); !served)
    return give_up(self, state.context.name, to_caf(served.error()));
  state.link = link;
  state.machine.emplace(state.settings, random_source(machine_seed()), steady_node_time());
  const watch_members_request watch{caf::actor_cast<actor_ref>(self)};
  ask_beside<membership_actor, members_list>(self, state.context, config.membership, watch,
                                             [self](const members_list& known) {
                                               for (const auto& member : known.members)
                                                 self->state.machine->add(member);
                                               turn(self);
                                             });
}

link_measured row_of(const prober_state& state, const measured_link& from, node_time now) {
  link_measured out;
  out.id = to_string(from.peer.id);
  out.address = to_string(from.peer.where);
  out.echoes = from.echoes;
  out.loss = from.loss;
  const auto guess = guessed_round_trip(state.machine->place(), from.place);
  out.guessed_ms = ms(guess);
  out.score = composite_score(state.weights, from.echoes > 0 ? from.round_trip : guess, {});
  if (from.echoes == 0)
    return out;
  out.round_trip_ms = ms(from.round_trip);
  out.least_ms = ms(from.least);
  out.jitter_ms = ms(from.jitter);
  out.age_s = ms(now - from.measured) / 1000;
  return out;
}

proximity_description describe(const prober_state& state) {
  proximity_description out;
  if (!state.machine)
    return out;
  out.place = state.machine->place();
  for (const auto& one : state.machine->links())
    out.links.push_back(row_of(state, one, steady_node_time()));
  return out;
}

} // namespace

prober_state::~prober_state() {
  if (link)
    link->stop_serving(channel);
}

prober_inside::behavior_type proximity_prober(prober_pointer self, spawn_context context,
                                              prober_config config) {
  self->state.context = context;
  self->state.settings.budget = config.budget;
  self->state.weights.alpha = config.alpha;
  if (config.budget == 0 || !(config.alpha >= 0 && config.alpha <= 1))
    give_up(self, context.name,
            to_caf({errc::bad_config, "budget goes from 1, alpha from 0 to 1"}));
  else
    open_link_beside(self, context, config.link,
                     [=](const std::shared_ptr<node_link>& link) { begin(self, config, link); });
  return {
      [self](const proximity_describe_request&) { return describe(self->state); },
      [self](const member_changed_event& change) {
        if (!self->state.machine)
          return;
        if (change.is_member)
          self->state.machine->add(change.node);
        else
          self->state.machine->remove(change.node.id);
      },
      [self](const prober_turn&) { turn(self); },
  };
}

} // namespace dci
