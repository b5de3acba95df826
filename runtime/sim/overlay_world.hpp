// Many overlay nodes on one simulated network.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "actors/overlay/chord.hpp"
#include "runtime/sim/event_queue.hpp"
#include "runtime/sim/network.hpp"

namespace dci {

class overlay_world {
 public:
  /// Each frame's bytes beside its message: IPv4 and UDP headers, version, sender, time and
  /// signature.
  static constexpr std::uint32_t frame_bytes = 28 + 1 + 43 + 9 + 64 + 2;

  /// score: by which nodes choose their fingers.
  overlay_world(const sim_network& network, const overlay_settings& settings, score_function score,
                random_source random);

  node_time now() const {
    return now_;
  }
  std::uint32_t size() const {
    return static_cast<std::uint32_t>(nodes_.size());
  }
  const chord& node(std::uint32_t index) const {
    return *nodes_[index].machine;
  }
  /// Alive and joined, by id.
  const std::map<node_id, std::uint32_t>& members() const {
    return members_;
  }
  std::uint32_t any_member();
  bool is_member(std::uint32_t index) const {
    return nodes_[index].alive && nodes_[index].member;
  }
  /// Who should answer for the key.
  const node_id& owner_of(const node_id& key) const;
  std::uint32_t place_of(std::uint32_t index) const {
    return nodes_[index].place;
  }

  /// A new node at this place of the network; the first one begins the ring. It joins through any
  /// member. What was at the place before is dead.
  std::uint32_t add(std::uint32_t place);
  /// It says nothing from now on.
  void kill(std::uint32_t index);
  /// Its number among this node's; how it ended is in take_endings().
  std::uint64_t look_up(std::uint32_t from, const node_id& key);
  /// Lets everything happen that happens before this.
  void run_until(node_time end);

  struct lookup_ending {
    std::uint32_t node = 0;
    lookup_result result;
    node_id owner; ///< who owned the key when it ended
  };
  /// Lookups that ended since this was called last.
  std::vector<lookup_ending> take_endings() {
    return std::exchange(endings_, {});
  }

  node_id any_id();
  std::uint64_t events() const {
    return events_;
  }
  /// Of all frames sent, headers included.
  std::uint64_t bytes() const {
    return bytes_;
  }
  /// Members whose successor or predecessor is not the one it should be.
  std::uint32_t out_of_place() const;

 private:
  struct sim_node {
    std::unique_ptr<chord> machine;
    std::uint32_t place = 0;
    bool alive = false, member = false;
    node_time ticks_at = no_time;
  };
  // A frame that arrives, or a node's time to tick.
  struct event {
    std::uint32_t to = 0;
    bool is_tick = false;
    contact from;
    overlay_message message;
  };

  contact contact_of(std::uint32_t index, const node_id& id) const;
  static std::uint32_t index_of(const contact& c);
  void apply(std::uint32_t index);

  const sim_network* network_;
  const overlay_settings* settings_;
  score_function score_;
  random_source random_;
  node_time now_{};
  event_queue<event> queue_;
  std::vector<sim_node> nodes_;
  std::map<node_id, std::uint32_t> members_;
  overlay_output output_;
  std::vector<lookup_ending> endings_;
  std::uint64_t events_ = 0, bytes_ = 0;
};

} // namespace dci
