// Membership as an actor: turns when datagrams come and when it is time.
#pragma once

#include <memory>
#include <vector>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "runtime/base/turns.hpp"

namespace dci {

class membership_service;

struct membership_state {
  membership_state();
  ~membership_state();

  spawn_context context;
  std::unique_ptr<membership_service> service; ///< once the link is open
  turn_timer timer;
  std::vector<watch_members_request> watchers;
};

using membership_inside = membership_actor::extend<caf::reacts_to<membership_turn>>;
using membership_pointer = membership_inside::stateful_pointer<membership_state>;

/// Quits with the reason where there is no link, or another membership has its channel.
membership_inside::behavior_type membership(membership_pointer self, spawn_context context,
                                            membership_config config);

} // namespace dci
