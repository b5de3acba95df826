// What a node does for others' records: it keeps those whose names it owns, sees to it that its
// successors have copies, and answers who asks. A pure state machine.
//
// When the predecessor goes, its names fall to this node, which answers for them at once, from its
// copies. Of those who hold copies, the nearest to the lost node by score then takes over: once it
// holds all of them it is named, signed, to whoever asks here.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "actors/overlay/record_exchange.hpp"
#include "actors/overlay/record_givers.hpp"

namespace dci {

/// How near two other nodes are to one another: in (0, 1), higher is nearer.
using pair_score = std::function<double(const contact&, const contact&)>;
/// Seconds since 1970 at this time of the node's clock.
using unix_clock = std::function<std::uint64_t(node_time)>;

/// What records need beside messages and the time.
struct record_world {
  const record_seal* seal = nullptr;
  pair_score score;
  unix_clock clock;
};

/// A node's place on the ring.
struct ring_place {
  std::optional<contact> predecessor;
  std::vector<contact> successors; ///< as many as keep copies
};

class record_keeper {
 public:
  /// settings and world must outlive it.
  record_keeper(const contact& self, const record_settings& settings, const record_world& world,
                random_source random);

  const record_shelf& shelf() const {
    return shelf_;
  }
  const ring_place& place() const {
    return place_;
  }
  /// Whether those that keep copies are known to hold the same as this node.
  bool is_settled() const {
    return settled_;
  }
  /// Those in force.
  const std::vector<record_redirect>& redirects() const {
    return redirects_;
  }

  /// Neighbours came or went.
  void move(ring_place place, node_time now);
  /// Gives the successor all that this node owns, unless it is known to have just that.
  void leave(overlay_output& out);

  void receive(const contact& from, const overlay_message& message, node_time now,
               overlay_output& out);
  void tick(node_time now, overlay_output& out);
  node_time next_tick() const;

 private:
  // Names that fell to this node, until somebody takes them over.
  struct takeover {
    node_id after, until;
    contact holder;
  };

  void on(const contact& from, const store_request& m, node_time now, overlay_output& out);
  void on(const contact& from, const fetch_request& m, node_time now, overlay_output& out);
  void on(const contact& from, const replicate& m, node_time now, overlay_output& out);
  void on(const contact& from, const range_check& m, node_time now, overlay_output& out);
  void on(const contact& from, const range_tags& m, node_time now, overlay_output& out);

  /// Whether it may hand on copies; if not, that is refused.
  bool is_giver(const contact& from, node_time now, overlay_output& out);
  bool owns(const node_id& name) const;
  void take_over(const contact& lost, const node_id& after);
  void take_agreed(node_time now);
  void take_differing(node_time now);
  std::optional<record_redirect> redirect_for(const node_id& name, node_time now) const;
  record_redirect redirect_to(const contact& holder, const node_id& after, const node_id& until,
                              node_time now) const;
  void compare(node_time now, overlay_output& out);

  contact self_;
  const record_settings* settings_;
  const record_world* world_;
  record_shelf shelf_;
  record_exchange exchange_;
  record_givers givers_;
  ring_place place_;
  std::optional<contact> lost_; ///< the last predecessor, until there is another one
  bool settled_ = true;
  std::vector<node_id> agreed_;                ///< since there is this predecessor
  std::optional<std::uint64_t> agreed_digest_; ///< with the successor
  std::vector<takeover> takeovers_;
  std::vector<record_redirect> redirects_;
  node_time next_compare_ = no_time, next_drop_{};
};

} // namespace dci
