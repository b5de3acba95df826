// The overlay as an actor: a node's place on the ring, and what it publishes there.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "actors/overlay/joining.hpp"
#include "actors/overlay/overlay_node.hpp"
#include "actors/overlay/wire.hpp"
#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "runtime/base/turns.hpp"

namespace dci {

struct overlay_state {
  overlay_state() = default;
  ~overlay_state();

  /// What a question of somebody's becomes when its result is there.
  using ending = std::function<void(const lookup_result*, const record_result*)>;

  spawn_context context;
  overlay_settings settings;
  record_settings records;
  score_function score;
  std::optional<key_record_seal> seal;
  record_world world;
  std::shared_ptr<node_link> link; ///< once it is open
  gossip_actor gossip;
  network_map map; ///< as gossip said last
  std::optional<joining> joins;
  std::optional<overlay_node> node;
  overlay_output out;
  std::map<std::uint64_t, ending> lookups, reads; ///< by number
  node_descriptor self;
  std::map<node_id, byte_vector> published; ///< by name
  bool is_published = false;                ///< the descriptor
  bool has_place = false;                   ///< on the ring
  node_time next_publication{};
  turn_timer timer;
};

using overlay_inside = overlay_actor::extend<caf::reacts_to<overlay_turn>>;
using overlay_pointer = overlay_inside::stateful_pointer<overlay_state>;

/// Quits with the reason where there is no link, membership or gossip beside it.
overlay_inside::behavior_type overlay(overlay_pointer self, spawn_context context,
                                      overlay_config config);

/// Asks what this host holds, and publishes that (actor_publishing.cpp).
void publish_self(overlay_pointer self);
/// Sends what the node wants sent, and ends what has come to an end.
void flush(overlay_pointer self);

} // namespace dci
