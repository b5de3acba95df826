#include "actors/ring_former/actor.hpp"

#include "actors/link/actor_beside.hpp"
#include "actors/ring_former/formation.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

using promise = caf::typed_response_promise<formed_ring>;

// Strangers do not let this host's CAF in.
may_serve domain_of(const spawn_context& context) {
  return [credentials = context.credentials](const std::string& id) {
    const auto node = parse_node_id(id);
    return node && (!credentials || credentials->is_of_domain(*node));
  };
}

// The planner may leave a node out; then its neighbours are linked, over a way not looked at here.
formed_ring cut(formed_ring ring, const plan_reply& plan) {
  std::vector<ring_member> kept;
  for (const auto& stage : plan.stages)
    for (auto& one : ring.members)
      if (one.id == stage.id) {
        one.layers = stage.layers;
        kept.push_back(one);
      }
  ring.members = std::move(kept);
  ring.latency_ms = latency_of(ring.members);
  return ring;
}

void answer(ring_former_pointer self, promise to, const network_map& map,
            const form_ring_request& wanted) {
  auto ring = form_ring(map, wanted, domain_of(self->state.context), random_source(machine_seed()));
  if (!ring)
    return static_cast<void>(to.deliver(to_caf(ring.error())));
  if (wanted.layers == 0)
    return static_cast<void>(to.deliver(std::move(*ring)));
  plan_request plan{"memory_weighted_in_order", wanted.layers, {}};
  for (const auto& one : ring->members)
    plan.nodes.push_back({one.id, static_cast<std::uint64_t>(one.memory_free_gb * 1e9)});
  self->request(self->state.planner, longest_wait_beside, std::move(plan))
      .then([to, ring = std::move(*ring)](
                const plan_reply& cuts) mutable { to.deliver(cut(std::move(ring), cuts)); },
            [to](caf::error& e) mutable { to.deliver(std::move(e)); });
}

} // namespace

ring_former_actor::behavior_type ring_former(ring_former_pointer self, spawn_context context,
                                             ring_former_config config) {
  self->state.context = context;
  find_beside<gossip_actor>(self, context, config.gossip,
                            [self](const gossip_actor& found) { self->state.gossip = found; });
  find_beside<partition_planner_actor>(
      self, context, config.planner,
      [self](const partition_planner_actor& found) { self->state.planner = found; });
  return {
      [self](const form_ring_request& wanted) {
        auto to = self->make_response_promise<formed_ring>();
        if (!self->state.gossip || !self->state.planner) {
          to.deliver(to_caf({errc::busy, "the ring former has just begun; ask again"}));
          return to;
        }
        self->request(self->state.gossip, longest_wait_beside, gossip_describe_request{})
            .then([=](const network_map& map) { answer(self, to, map, wanted); },
                  [to](caf::error& e) mutable { to.deliver(std::move(e)); });
        return to;
      },
  };
}

} // namespace dci
