// The device profiler as an actor: measures, and says so.
#pragma once

#include "actors/device_profiler/profile.hpp"
#include "actors/protocols.hpp"
#include "actors/registry.hpp"

namespace dci {

struct device_profiler_state {
  device_profiler_config config;
  owner_policy policy;
  device_record known{node_clock::duration{0}};
};
using device_profiler_pointer = device_profiler_actor::stateful_pointer<device_profiler_state>;

/// Runs detached: measuring takes all cores for a third of a second. Quits with bad_config for
/// figures that cannot be.
device_profiler_actor::behavior_type
device_profiler(device_profiler_pointer self, spawn_context context, device_profiler_config config);

} // namespace dci
