// The ring former as an actor: asks for the map and for the cuts.
#pragma once

#include "actors/protocols.hpp"
#include "actors/registry.hpp"

namespace dci {

struct ring_former_state {
  spawn_context context;
  gossip_actor gossip;
  partition_planner_actor planner;
};
using ring_former_pointer = ring_former_actor::stateful_pointer<ring_former_state>;

/// Quits with the reason where there is no gossip or no planner beside it.
ring_former_actor::behavior_type ring_former(ring_former_pointer self, spawn_context context,
                                             ring_former_config config);

} // namespace dci
