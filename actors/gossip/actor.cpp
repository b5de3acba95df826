#include "actors/gossip/actor.hpp"

#include <algorithm>

#include "actors/gossip/map.hpp"
#include "actors/gossip/nearest_links.hpp"
#include "actors/gossip/wire.hpp"
#include "actors/link/actor_beside.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

constexpr auto channel = datagram_channel::gossip;

// A node that starts again begins above all versions it ever made: it makes fewer than one a
// second.
std::uint32_t first_version() {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

node_report make_report(const gossip_state& state, std::uint32_t version) {
  node_report out;
  out.node = state.link->self().id;
  out.version = version;
  out.place = state.measured.place;
  out.device = state.profile.device;
  out.policy = state.profile.policy;
  out.host = state.context.address;
  out.nearest = nearest_links(links_of(state.measured), state.settings);
  sign(state.link->key(), out);
  return out;
}

void flush(gossip_state& state) {
  for (const auto& [to, message] : state.out.sends)
    state.link->send(to, channel, pack_gossip(message));
  for (const auto reason : state.out.refused)
    state.link->refuse(reason);
  state.out.clear();
}

void exchange_revocations(gossip_state& state, node_time now) {
  if (!state.revocations)
    return;
  for (const auto& one : state.link->take(datagram_channel::revocations)) {
    if (const auto message = unpack_revocation(one.payload))
      state.revocations->receive(one.from, *message, now, state.revocations_out);
    else
      state.link->refuse("revocations cannot be read");
  }
  state.revocations->tick(now, state.revocations_out);
  for (const auto& [to, message] : state.revocations_out.sends)
    state.link->send(to, datagram_channel::revocations, pack_revocation(message));
  for (const auto reason : state.revocations_out.refused)
    state.link->refuse(reason);
  state.revocations_out.clear();
}

void set_timer(gossip_pointer self, node_time next) {
  if (const auto wait = self->state.timer.note_for(next, steady_node_time()))
    self->delayed_send(self, *wait, gossip_turn{});
}

void tick(gossip_pointer self) {
  auto& state = self->state;
  state.reports->tick(steady_node_time(), state.out);
  flush(state);
  set_timer(self, std::min(state.reports->next_tick(),
                           state.revocations ? state.revocations->next_tick() : no_time));
}

// Before a report is made.
void ask_what_is_measured(gossip_pointer self) {
  auto& state = self->state;
  if (state.asked)
    return;
  state.asked = true;
  const auto failed = [self](caf::error& e) { give_up(self, self->state.context.name, e); };
  const auto with_profile = [self](device_profile& is) {
    self->state.asked = false;
    self->state.profile = std::move(is);
    tick(self);
  };
  const auto with_links = [=](proximity_description& measured) {
    self->state.measured = std::move(measured);
    self->request(self->state.profiler, longest_wait_beside, device_profile_request{})
        .then(with_profile, failed);
  };
  self->request(state.prober, longest_wait_beside, proximity_describe_request{})
      .then(with_links, failed);
}

void turn(gossip_pointer self) {
  auto& state = self->state;
  const auto now = steady_node_time();
  state.timer.begin(now);
  for (const auto& one : state.link->take(channel)) {
    if (const auto message = unpack_gossip(one.payload))
      state.reports->receive(one.from, *message, now, state.out);
    else
      state.link->refuse("gossip cannot be read");
  }
  flush(state);
  exchange_revocations(state, now);
  if (state.reports->next_report() <= now)
    ask_what_is_measured(self);
  else
    tick(self);
}

void begin_revocations(gossip_state& state) {
  const auto credentials = state.link->credentials();
  if (credentials)
    state.revocations.emplace(
        state.revocation_pace, [credentials] { return credentials->revocations(); },
        [credentials](const byte_vector& der) {
          return credentials->add_revocations(der).has_value();
        },
        random_source(machine_seed()), steady_node_time());
}

void begin(gossip_pointer self, const std::shared_ptr<node_link>& link) {
  auto& state = self->state;
  const auto note = turn_note<gossip_inside, gossip_turn>(self);
  if (auto served = link->serve(channel, note); !served)
    return give_up(self, state.context.name, to_caf(served.error()));
  if (link->credentials())
    static_cast<void>(link->serve(datagram_channel::revocations, note));
  state.link = link;
  state.maker = [self](std::uint32_t version, node_time) {
    return make_report(self->state, version);
  };
  state.check = is_signed;
  state.reports.emplace(link->self(), state.settings, state.maker, state.check,
                        random_source(machine_seed()), steady_node_time(), first_version());
  begin_revocations(state);
}

void know(gossip_state& state, const contact& node, bool is_member) {
  if (is_member)
    state.reports->add_peer(node);
  else
    state.reports->remove_peer(node.id);
  if (!state.revocations)
    return;
  if (is_member)
    state.revocations->add_peer(node);
  else
    state.revocations->remove_peer(node.id);
}

} // namespace

gossip_state::~gossip_state() {
  if (!link)
    return;
  link->stop_serving(channel);
  link->stop_serving(datagram_channel::revocations);
}

gossip_inside::behavior_type gossip(gossip_pointer self, spawn_context context,
                                    gossip_config config) {
  self->state.context = context;
  self->state.context.address = reported_host(context.address);
  if (self->state.context.address != context.address)
    spdlog::warn(
        "{}: the host's address {} has more than {} bytes, so nobody is told where to dial it",
        context.name, context.address, most_host_bytes);
  const auto with_members = [=](const members_list& known) {
    for (const auto& member : known.members)
      know(self->state, member, true);
    turn(self);
  };
  const auto with_link = [=](const std::shared_ptr<node_link>& link) {
    begin(self, link);
    if (self->state.reports)
      ask_beside<membership_actor, members_list>(
          self, context, config.membership, watch_members_request{caf::actor_cast<actor_ref>(self)},
          with_members);
  };
  const auto with_profiler = [=](const device_profiler_actor& profiler) {
    self->state.profiler = profiler;
    open_link_beside(self, context, config.link, with_link);
  };
  find_beside<proximity_prober_actor>(
      self, context, config.prober, [=](const proximity_prober_actor& prober) {
        self->state.prober = prober;
        find_beside<device_profiler_actor>(self, context, config.profiler, with_profiler);
      });
  return {
      [self](const gossip_describe_request&) {
        const auto& state = self->state;
        return state.reports
                   ? map_of(*state.reports, state.measured.least_mbit_per_s, steady_node_time())
                   : network_map{};
      },
      [self](const member_changed_event& change) {
        if (self->state.reports)
          know(self->state, change.node, change.is_member);
      },
      [self](const gossip_turn&) {
        if (self->state.reports)
          turn(self);
      },
  };
}

} // namespace dci
