// The shard executor as an actor: holds a stage, sends what it says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "actors/shard_executor/stage.hpp"
#include "runtime/base/thread_place.hpp"

namespace dci {

struct shard_executor_state {
  shard_executor_state() = default;

  spawn_context context;
  shard_settings settings;
  std::string fingerprint;
  std::shared_ptr<const layer_range> range;
  std::optional<stage> place;
  std::string ring; ///< whose stage it is
  actor_ref next;
  actor_ref coordinator;
  proposer_factory proposers; ///< last stage: who guesses ahead
  bool is_noted = false;      ///< a run_pass is in the mailbox
  thread_place thread{"caf.multiplexer"};
};

using shard_executor_inside = shard_executor_actor::extend<caf::reacts_to<run_pass>>;
using shard_executor_pointer = shard_executor_inside::stateful_pointer<shard_executor_state>;

/// Runs detached: its forwards block their own thread and nobody else.
shard_executor_inside::behavior_type shard_executor(shard_executor_pointer self,
                                                    spawn_context context, shard_settings settings);

} // namespace dci
