#include "actors/overlay/actor.hpp"

#include <algorithm>

#include "actors/link/actor_beside.hpp"
#include "net/frames/lazy_frame_port.hpp"

namespace dci {
namespace {

/// What is asked of this host before it is published.
struct inventory {
  std::size_t awaited = 0;
  std::vector<held_layers> held;
};
using inventory_ptr = std::shared_ptr<inventory>;

void put(overlay_pointer self, const node_id& name, byte_vector value, node_time now) {
  auto& state = self->state;
  auto& before = state.published[name];
  if (before == value)
    return; // it is published again by itself
  before = value;
  state.node->publish(name, std::move(value), now, state.out);
}

void publish(overlay_pointer self, std::vector<held_layers> held) {
  auto& state = self->state;
  const auto now = steady_node_time();
  std::map<node_id, model_holding> holdings;
  for (const auto& one : held) {
    const auto model = parse_node_id(one.model);
    if (!model)
      continue;
    auto& holding = holdings[*model];
    holding.host = state.context.address;
    if (holding.layers.size() < most_held)
      holding.layers.push_back(one.layers);
  }
  held.resize(std::min(held.size(), most_in_descriptor));
  auto& is = state.self;
  is.address = to_string(state.link->self().where);
  is.host = state.context.address;
  if (const auto port = state.context.frames ? state.context.frames->if_open() : nullptr) {
    is.frames = port->contact().address;
    is.curve = port->contact().curve;
  }
  if (!state.map.nodes.empty() && state.map.nodes.front().reported) {
    is.device = state.map.nodes.front().device;
    is.policy = state.map.nodes.front().policy;
  }
  is.held = std::move(held);
  const auto own = state.link->self().id;
  put(self, own, pack_descriptor(is), now);
  for (const auto& [model, holding] : holdings)
    put(self, model, pack_holding(holding), now);
  std::erase_if(state.published, [&](const auto& one) {
    const bool is_over = one.first != own && !holdings.contains(one.first);
    if (is_over)
      state.node->withdraw(one.first);
    return is_over;
  });
  flush(self);
}

void one_answered(overlay_pointer self, const inventory_ptr& all) {
  if (--all->awaited == 0)
    publish(self, std::move(all->held));
}

void ask_shard(overlay_pointer self, const inventory_ptr& all, const actor_ref& shard) {
  const auto failed = [=](const caf::error&) { one_answered(self, all); };
  self->request(caf::actor_cast<shard_executor_actor>(shard), longest_wait_beside,
                shard_describe_request{})
      .then(
          [=](const shard_description& is) {
            if (is.loaded)
              all->held.push_back({is.fingerprint, is.layers});
            one_answered(self, all);
          },
          failed);
}

} // namespace

void publish_self(overlay_pointer self) {
  auto& state = self->state;
  self->request(state.gossip, longest_wait_beside, gossip_describe_request{})
      .then([self](network_map& map) { self->state.map = std::move(map); },
            [self](caf::error& e) { give_up(self, self->state.context.name, e); });
  const auto node = caf::actor_cast<node_actor>(state.context.node);
  self->request(node, longest_wait_beside, node_describe_request{})
      .then(
          [self](const node_description& host) {
            const auto all = std::make_shared<inventory>();
            std::vector<actor_ref> shards;
            for (const auto& one : host.actors)
              if (one.type == "shard_executor")
                shards.push_back(one.actor);
            all->awaited = shards.size() + 1;
            for (const auto& one : shards)
              ask_shard(self, all, one);
            one_answered(self, all);
          },
          [self](caf::error& e) { give_up(self, self->state.context.name, e); });
}

} // namespace dci
