// The prober as an actor: probes whom the membership names, over the link.
#pragma once

#include <memory>
#include <optional>

#include "actors/protocols.hpp"
#include "actors/proximity_prober/composite_score.hpp"
#include "actors/proximity_prober/prober.hpp"
#include "actors/registry.hpp"
#include "runtime/base/turns.hpp"

namespace dci {

struct prober_state {
  prober_state() = default;
  ~prober_state();

  spawn_context context;
  prober_settings settings;
  proximity_weights weights;
  std::shared_ptr<node_link> link; ///< once it is open
  std::optional<prober> machine;
  prober_output out;
  turn_timer timer;
};

using prober_inside = proximity_prober_actor::extend<caf::reacts_to<prober_turn>>;
using prober_pointer = prober_inside::stateful_pointer<prober_state>;

/// Quits with the reason where there is no link or no membership beside it.
prober_inside::behavior_type proximity_prober(prober_pointer self, spawn_context context,
                                              prober_config config);

} // namespace dci
