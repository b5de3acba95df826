// The list of actor types. Add yours here.
#include "actors/authority/actor.hpp"
#include "actors/device_profiler/actor.hpp"
#include "actors/gate/actor.hpp"
#include "actors/gossip/actor.hpp"
#include "actors/link/actor.hpp"
#include "actors/membership/actor.hpp"
#include "actors/node/actor.hpp"
#include "actors/overlay/actor.hpp"
#include "actors/partition_planner/actor.hpp"
#include "actors/proximity_prober/actor.hpp"
#include "actors/registry.hpp"
#include "actors/relay/actor.hpp"
#include "actors/ring/actor.hpp"
#include "actors/ring_former/actor.hpp"
#include "actors/shard_executor/actor.hpp"
#include "actors/tunnel/actor_entry.hpp"
#include "actors/tunnel/actor_exit.hpp"

namespace dci {

std::shared_ptr<const actor_registry> builtin_actor_types() {
  static const auto types = [] {
    auto out = std::make_shared<actor_registry>();
    out->add_interface<node_actor>("node", "Supervises what runs on a host.");
    // Detached: they compute, and must not hold up other actors.
    out->add<caf::detached>("shard_executor", "Runs a layer range of a model.", shard_executor);
    out->add<caf::detached>("ring", "Assembles a pipeline of stages and streams tokens.", ring);
    out->add<caf::detached>("device_profiler", "Measures what its device can do.", device_profiler);
    out->add("link", "A node on its UDP address.", link);
    out->add<caf::detached>("membership", "Knows which nodes are there.", membership);
    out->add<caf::detached>("proximity_prober", "Measures how far the members are.",
                            proximity_prober);
    out->add("gossip", "Spreads what is known of all nodes.", gossip);
    out->add("overlay", "A place on the ring where nodes publish what others look for.", overlay);
    out->add("ring_former", "Chooses the nodes of a ring by how near they are.", ring_former);
    out->add("gate", "Lets strangers ask what their role allows.", gate);
    out->add("authority", "Vouches for the nodes that its rule admits.", vouch);
    out->add("tunnel_entry", "Opens ports for hosts that cannot be reached.", keep_tunnel_entry);
    out->add("tunnel_exit", "Keeps such ports open for its host.", keep_tunnel_exit);
    out->add("relay", "Makes a link slow and unsure.", relay);
    out->add("partition_planner", "Cuts a model's layers over nodes.", partition_planner);
    return out;
  }();
  return types;
}

} // namespace dci
