// Membership as an actor: turns when datagrams come and when it is time.
#pragma once

#include <memory>

#include "actors/membership/requests.hpp"
#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

class membership_service;

struct membership_state {
  membership_state();
  ~membership_state();

  std::unique_ptr<membership_service> service;
  node_time next_turn = no_time; ///< when a note to itself comes
};

using membership_inside = membership_actor::extend<caf::reacts_to<membership_turn>>;
using membership_pointer = membership_inside::stateful_pointer<membership_state>;

/// Runs detached: checking signatures takes its time. Quits with the reason where it cannot listen.
membership_inside::behavior_type membership(membership_pointer self, spawn_context context,
                                            membership_config config);

} // namespace dci
