// Gossip as an actor: makes the node's reports of what the prober measured, and holds everybody's.
#pragma once

#include <memory>
#include <optional>

#include "actors/gossip/report_store.hpp"
#include "actors/gossip/revocation_exchange.hpp"
#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "runtime/base/turns.hpp"

namespace dci {

struct gossip_state {
  gossip_state() = default;
  ~gossip_state();

  spawn_context context;
  gossip_settings settings;
  report_maker maker;
  report_check check;
  std::shared_ptr<node_link> link; ///< once it is open
  proximity_prober_actor prober;
  device_profiler_actor profiler;
  proximity_description measured; ///< as the prober said last
  device_profile profile;         ///< as the profiler said last
  bool asked = false;             ///< one of the two, and it has not said yet
  std::optional<report_store> reports;
  gossip_output out;
  revocation_settings revocation_pace;
  std::optional<revocation_exchange> revocations; ///< where the host has credentials
  revocation_output revocations_out;
  turn_timer timer;
};

using gossip_inside = gossip_actor::extend<caf::reacts_to<gossip_turn>>;
using gossip_pointer = gossip_inside::stateful_pointer<gossip_state>;

/// Quits with the reason where there is no link, membership or prober beside it.
gossip_inside::behavior_type gossip(gossip_pointer self, spawn_context context,
                                    gossip_config config);

} // namespace dci
