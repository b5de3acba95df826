// Overlay nodes on one simulated network.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_set>
#include <vector>

#include "actors/overlay/overlay_node.hpp"
#include "runtime/sim/honest_seal.hpp"
#include "runtime/sim/world.hpp"

namespace dci {

class overlay_world : public sim_world<overlay_node, overlay_message, overlay_output> {
 public:
  /// Scores are by the network's round trips. settings must outlive it.
  overlay_world(const sim_network& network, const overlay_settings& settings,
                const record_settings& records, random_source random);

  /// Alive and joined, by id.
  const std::map<node_id, std::uint32_t>& members() const {
    return members_;
  }
  std::uint32_t any_member();
  bool is_member(std::uint32_t index) const {
    return is_alive(index) && joined_[index];
  }
  /// Who should answer for the key.
  const node_id& owner_of(const node_id& key) const;
  /// Members whose successor or predecessor is not the one it should be.
  std::uint32_t out_of_place() const;
  node_id any_key() {
    return any_id(random());
  }

  /// A new node at this place of the network; the first one begins the ring. It joins through any
  /// member.
  std::uint32_t add(std::uint32_t place);
  void kill(std::uint32_t index) override;
  /// The same, but that it says good-bye.
  void leave(std::uint32_t index);
  /// Its number among this node's; how it ended is in take_endings().
  std::uint64_t look_up(std::uint32_t from, const node_id& key);

  /// Of all frames that were about these lookups, headers included.
  std::uint64_t lookup_bytes() const {
    return lookup_bytes_;
  }

  /// Its number among this node's; how it ended is in take_records().
  std::uint64_t publish(std::uint32_t from, const node_id& name, std::vector<std::uint8_t> value);
  std::uint64_t read(std::uint32_t from, const node_id& name);

  struct lookup_ending {
    std::uint32_t node = 0;
    lookup_result result;
    node_id owner; ///< who owned the key when it ended
  };
  /// Lookups that ended since this was called last.
  std::vector<lookup_ending> take_endings() {
    return std::exchange(endings_, {});
  }

  std::uint64_t unix_time() const {
    return world_.clock(now());
  }

  struct record_ending {
    std::uint32_t node = 0;
    record_result result;
  };
  std::vector<record_ending> take_records() {
    return std::exchange(records_, {});
  }

 private:
  void take(std::uint32_t index, overlay_output& out) override;
  void count(const overlay_message& message, std::uint64_t bytes, bool arrives) override;

  const overlay_settings* settings_;
  record_settings record_settings_;
  honest_record_seal seal_;
  record_world world_;
  score_function score_;
  std::map<node_id, std::uint32_t> members_;
  std::vector<bool> joined_;
  std::vector<lookup_ending> endings_;
  std::vector<record_ending> records_;
  // The nodes' own lookups have other keys.
  std::unordered_set<node_id> looked_up_;
  std::unordered_set<std::uint64_t> lookups_;
  std::unordered_set<std::uint32_t> awaited_; ///< numbers that come back in answers about them
  std::uint64_t lookup_bytes_ = 0;
};

} // namespace dci
