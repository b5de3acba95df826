// The shard executor as an actor: holds a stage, sends what it says.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "actors/shard_executor/stage.hpp"
#include "actors/step_link/actor_link.hpp"
#include "runtime/base/thread_place.hpp"

namespace dci {

/// A stage's links: to the next stage, from the one before, and to the ring.
struct stage_links {
  actor_link previous, next, ring;
  std::uint32_t stages = 1;
  std::uint32_t stage = 0;
  bool is_ticking = false;
  bool said_lost = false; ///< told the ring that the next stage is out of reach

  /// nullptr for a number that none of them has.
  actor_link* find(std::uint32_t number) {
    return number == stages + stage                  ? &ring
           : number == stage                         ? &next
           : number == (stage + stages - 1) % stages ? &previous
                                                     : nullptr;
  }
  std::array<actor_link*, 3> all() {
    return {&previous, &next, &ring};
  }
};

struct shard_executor_state {
  shard_executor_state() = default;

  spawn_context context;
  shard_settings settings;
  std::string fingerprint;
  std::shared_ptr<const layer_range> range;
  std::optional<stage> place;
  std::string ring; ///< whose stage it is
  actor_ref coordinator;
  bool is_owned = false; ///< by that ring: it ends with it
  stage_links links;
  proposer_factory proposers; ///< last stage: who guesses ahead
  bool is_noted = false;      ///< a run_pass is in the mailbox
  thread_place thread{"caf.multiplexer"};
};

using shard_executor_inside =
    shard_executor_actor::extend<caf::reacts_to<run_pass>, caf::reacts_to<frame_arrived>,
                                 caf::reacts_to<link_found>, caf::reacts_to<link_tick>>;
using shard_executor_pointer = shard_executor_inside::stateful_pointer<shard_executor_state>;

/// Runs detached: its forwards block their own thread and nobody else.
shard_executor_inside::behavior_type shard_executor(shard_executor_pointer self,
                                                    spawn_context context, shard_settings settings);

/// Its place in a ring and its links; actor_links.cpp.
caf::result<wire_reply> wire(shard_executor_pointer self, wire_request& request);
/// What came over a link, by ZeroMQ where a route is given.
void take_frame(shard_executor_pointer self, step_frame& frame, const frame_route* by);
void take_report(shard_executor_pointer self, const link_report_event& report,
                 const frame_route* by);
void take_arrived(shard_executor_pointer self, frame_arrived& arrived);
void take_found(shard_executor_pointer self, const link_found& found);
void tick_links(shard_executor_pointer self);
void take_down(shard_executor_pointer self, const caf::down_msg& down);
/// Its host lost sight of the ring that owns it.
void take_exit(shard_executor_pointer self, caf::exit_msg& exit);
/// A message of the ring or of the stage before; actor.cpp.
void take_message(shard_executor_pointer self, step_message& message);

} // namespace dci
