// The prober as an actor: probes whom the membership names, over the link.
#pragma once

#include <memory>

#include "actors/protocols.hpp"
#include "actors/proximity_prober/composite_score.hpp"
#include "actors/proximity_prober/prober.hpp"
#include "actors/registry.hpp"
#include "runtime/base/turns.hpp"

namespace dci {

class prober_service;

struct prober_state {
  prober_state();
  ~prober_state();

  spawn_context context;
  prober_settings settings;
  proximity_weights weights;
  std::unique_ptr<prober_service> service; ///< once the link is open
  turn_timer timer;
};

using prober_inside = proximity_prober_actor::extend<caf::reacts_to<prober_turn>>;
using prober_pointer = prober_inside::stateful_pointer<prober_state>;

/// Quits with the reason where there is no link or no membership beside it.
prober_inside::behavior_type proximity_prober(prober_pointer self, spawn_context context,
                                              prober_config config);

} // namespace dci
