#include "actors/overlay/actor.hpp"

#include <algorithm>
#include <utility>

#include "actors/gossip/map.hpp"
#include "actors/link/actor_beside.hpp"
#include "actors/proximity_prober/composite_score.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

constexpr auto channel = datagram_channel::overlay;
constexpr std::size_t most_questions = 1000;
constexpr std::chrono::seconds between_publications{15};

std::string state_text(chord::state state) {
  switch (state) {
    case chord::state::alone:
      return "alone";
    case chord::state::joining:
      return "joining";
    case chord::state::joined:
      return "joined";
    case chord::state::left:
      return "left";
  }
  return "unknown";
}

void set_timer(overlay_pointer self) {
  auto& state = self->state;
  const auto next = std::min({state.node->next_tick(), state.joins->next(),
                              state.has_place ? state.next_publication : no_time});
  if (const auto wait = state.timer.note_for(next, steady_node_time()))
    self->delayed_send(self, *wait, overlay_turn{});
}

// What was asked meanwhile gets no answer.
void begin_alone(overlay_state& state) {
  state.node.emplace(state.link->self(), state.settings, state.score, state.records, state.world,
                     random_source(machine_seed()));
  const lookup_result nobody;
  for (auto& [number, end] : std::exchange(state.lookups, {}))
    end(&nobody, nullptr);
  const record_result nothing;
  for (auto& [number, end] : std::exchange(state.reads, {}))
    end(nullptr, &nothing);
}

// On a ring that it has just joined, or where there is nobody else, what it says is new.
void publish_when_due(overlay_pointer self, node_time now) {
  auto& state = self->state;
  const bool has_place =
      state.joins->is_alone() || state.node->ring().where() == chord::state::joined;
  if (!std::exchange(state.has_place, has_place) && has_place) {
    state.published.clear();
    state.next_publication = now;
  }
  if (!has_place || now < state.next_publication)
    return;
  state.next_publication = now + between_publications;
  publish_self(self);
}

void turn(overlay_pointer self) {
  auto& state = self->state;
  const auto now = steady_node_time();
  state.timer.begin(now);
  for (const auto& one : state.link->take(channel)) {
    if (const auto message = unpack_overlay(one.payload))
      state.node->receive(one.from, *message, now, state.out);
    else
      state.link->refuse("overlay messages cannot be read");
  }
  const auto advice = state.joins->decide(state.node->ring().where(), now);
  if (advice.start_anew)
    begin_alone(state);
  if (advice.seed)
    state.node->join(*advice.seed, now, state.out);
  if (advice.meet)
    state.node->meet(*advice.meet, now, state.out);
  state.node->tick(now, state.out);
  publish_when_due(self, now);
  flush(self);
}

// How near two others are to one another, as the map has it; 0 where that is not known.
double score_of(const overlay_state& state, const contact& a, const contact& b) {
  const auto place = [&](const contact& who) {
    return static_cast<std::size_t>(
        std::ranges::find(state.map.nodes, to_string(who.id), &mapped_node::id) -
        state.map.nodes.begin());
  };
  const auto from = place(a), to = place(b);
  if (from >= state.map.nodes.size() || to >= state.map.nodes.size())
    return 0;
  const auto way = proximity_matrix(state.map).at(from, to);
  if (!way)
    return 0;
  return composite_score(
      {}, std::chrono::microseconds(static_cast<std::int64_t>(way->round_trip_ms * 1000)), {});
}

void begin(overlay_pointer self, const std::shared_ptr<node_link>& link) {
  auto& state = self->state;
  if (auto served = link->serve(channel, turn_note<overlay_inside, overlay_turn>(self)); !served)
    return give_up(self, state.context.name, to_caf(served.error()));
  state.link = link;
  state.score = [](const contact&, node_clock::duration round_trip) {
    return composite_score({}, round_trip, {});
  };
  state.seal.emplace(link->key());
  state.world.seal = &*state.seal;
  state.world.score = [&state](const contact& a, const contact& b) {
    return score_of(state, a, b);
  };
  state.world.clock = [](node_time) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
  };
  state.joins.emplace(link->self().id, random_source(machine_seed()));
  begin_alone(state);
}

using ending = overlay_state::ending;

/// start(now, out) returns the number under which the result comes.
template <class Reply, class Start, class Make>
caf::typed_response_promise<Reply> ask_ring(overlay_pointer self, Start start,
                                            std::map<std::uint64_t, ending>& asked, Make make) {
  auto promise = self->template make_response_promise<Reply>();
  auto& state = self->state;
  if (!state.node || asked.size() >= most_questions) {
    promise.deliver(to_caf({errc::busy, "the overlay has not begun, or too much is asked of it at "
                                        "once; ask again"}));
    return promise;
  }
  const auto number = start(steady_node_time(), state.out);
  asked[number] = [promise, make](const lookup_result* looked, const record_result* read) mutable {
    auto reply = make(looked, read);
    if (reply)
      promise.deliver(std::move(*reply));
    else
      promise.deliver(to_caf(reply.error()));
  };
  flush(self);
  return promise;
}

tl::unexpected<error> no_answer() {
  return fail(errc::timed_out, "nobody on the overlay's ring answers for that key in time");
}

expected<lookup_reply> to_reply(const lookup_result& found) {
  if (!found.found)
    return no_answer();
  return lookup_reply{to_string(found.owner.id), to_string(found.owner.where), found.hops,
                      std::chrono::duration<double, std::milli>(found.took).count()};
}

expected<node_descriptor> own_word(const node_id& id, const record_result& read) {
  if (!read.done)
    return no_answer();
  for (const auto& one : read.records)
    if (one->publisher == id)
      return unpack_descriptor(one->value);
  return fail(errc::not_found, "node " + to_string(id) + " has published nothing of itself");
}

expected<layer_holders> holders_of(const record_result& read) {
  if (!read.done)
    return no_answer();
  layer_holders out;
  for (const auto& one : read.records)
    if (auto holding = unpack_holding(one->value))
      out.holders.push_back({to_string(one->publisher), holding->host, std::move(holding->layers)});
  return out;
}

template <class Reply, class Make>
caf::result<Reply> read_ring(overlay_pointer self, const std::string& key, Make make) {
  const auto name = parse_node_id(key);
  if (!name)
    return to_caf(name.error());
  auto& state = self->state;
  return ask_ring<Reply>(
      self, [&](node_time now, overlay_output& out) { return state.node->read(*name, now, out); },
      state.reads,
      [make, name = *name](const lookup_result*, const record_result* read) {
        return make(name, *read);
      });
}

caf::result<lookup_reply> look_up(overlay_pointer self, const std::string& text) {
  const auto key = parse_node_id(text);
  if (!key)
    return to_caf(key.error());
  auto& state = self->state;
  return ask_ring<lookup_reply>(
      self, [&](node_time now, overlay_output& out) { return state.node->look_up(*key, now, out); },
      state.lookups,
      [](const lookup_result* found, const record_result*) { return to_reply(*found); });
}

overlay_description describe(const overlay_state& state) {
  overlay_description out;
  if (!state.node)
    return out;
  const auto& ring = state.node->ring();
  out.id = to_string(ring.self().id);
  out.state = state_text(ring.where());
  if (const auto before = ring.predecessor())
    out.predecessor = to_string(before->id);
  for (const auto& one : ring.successors())
    out.successors.push_back(to_string(one.id));
  out.known = static_cast<std::uint32_t>(ring.known().all().size());
  out.records = state.node->keeper().shelf().size();
  out.published = state.is_published;
  return out;
}

} // namespace

void flush(overlay_pointer self) {
  auto& state = self->state;
  const auto out = std::exchange(state.out, {});
  for (const auto& [to, message] : out.sends)
    state.link->send(to, channel, pack_overlay(message));
  for (const auto reason : out.refused)
    state.link->refuse(reason);
  for (const auto& one : out.results)
    if (auto asked = state.lookups.extract(one.lookup))
      asked.mapped()(&one, nullptr);
  for (const auto& one : out.records) {
    if (one.published && one.name == state.link->self().id)
      state.is_published = one.done;
    if (one.published && !one.done)
      state.published.erase(one.name); // the next time it is new again
    if (auto asked =
            one.published ? decltype(state.reads)::node_type{} : state.reads.extract(one.number))
      asked.mapped()(nullptr, &one);
  }
  set_timer(self);
}

overlay_state::~overlay_state() {
  if (!link)
    return;
  if (node) {
    node->leave(out);
    for (const auto& [to, message] : out.sends)
      link->send(to, channel, pack_overlay(message));
  }
  link->stop_serving(channel);
}

overlay_inside::behavior_type overlay(overlay_pointer self, spawn_context context,
                                      overlay_config config) {
  self->state.context = context;
  const auto with_members = [=](const members_list& known) {
    for (const auto& member : known.members)
      self->state.joins->know(member, true);
    turn(self);
  };
  const auto with_link = [=](const std::shared_ptr<node_link>& link) {
    begin(self, link);
    if (self->state.node)
      ask_beside<membership_actor, members_list>(
          self, context, config.membership, watch_members_request{caf::actor_cast<actor_ref>(self)},
          with_members);
  };
  find_beside<gossip_actor>(self, context, config.gossip, [=](const gossip_actor& gossip) {
    self->state.gossip = gossip;
    open_link_beside(self, context, config.link, with_link);
  });
  return {
      [self](const overlay_describe_request&) { return describe(self->state); },
      [self](const lookup_request& wanted) { return look_up(self, wanted.key); },
      [self](const find_node_request& wanted) {
        return read_ring<node_descriptor>(self, wanted.id, own_word);
      },
      [self](const find_layers_request& wanted) {
        return read_ring<layer_holders>(
            self, wanted.model,
            [](const node_id&, const record_result& read) { return holders_of(read); });
      },
      [self](const member_changed_event& change) {
        if (self->state.joins)
          self->state.joins->know(change.node, change.is_member);
      },
      [self](const overlay_turn&) {
        if (self->state.node)
          turn(self);
      },
  };
}

} // namespace dci
