// The nodes a node knows, in their order round the ring: its successors and, in each octave
// beyond them, a finger with spares. Octaves are of the distance round the ring, or of the XOR of
// ids (settings.lookups); either way each is an interval of ids.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "actors/overlay/messages.hpp"
#include "actors/overlay/ring_distance.hpp"
#include "actors/overlay/settings.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

struct known_node {
  contact node;
  ring_distance at; ///< from the owner of the table
  node_time heard{};
  float round_trip_us = 0; ///< smoothed; 0 while unmeasured
  float deviation_us = 0;
  float score = 0; ///< 0 while unmeasured
  std::uint32_t misses = 0;
};

class known_nodes {
 public:
  known_nodes(const node_id& self, const overlay_settings& settings);

  /// By distance.
  std::span<const known_node> all() const {
    return nodes_;
  }
  /// The nearest ones, as far as they are known without gaps.
  std::span<const known_node> successors() const;
  known_node* find(const node_id& id);

  /// Whether a new node would be kept. score: 0 if unmeasured.
  bool wants(const contact& node, float score) const;
  /// Keeps it if wanted, instead of a worse one. Not one that is known.
  void add(known_node node);
  void remove(const node_id& id);

  /// Nodes up to here are all known.
  void set_complete(const ring_distance& until);
  /// The whole ring is known.
  void set_all_complete();

  bool is_complete(const ring_distance& key) const {
    return key <= complete_;
  }
  /// Nobody lies between the last id of the ring at this distance and the table's owner.
  void set_before(const ring_distance& predecessor) {
    before_ = predecessor;
  }
  /// Octaves that lie beyond what is known without gaps, from the farthest.
  std::vector<int> open_octaves() const;
  /// The id of an octave that begins it, or lies so far in it: within is below 2^octave.
  node_id id_in(int octave, const ring_distance& within) const;

  known_node entry(const contact& node) const {
    return {node, distance(self_, node.id)};
  }

 private:
  // Where a node at this distance is, or would be.
  std::size_t place(const ring_distance& at) const;
  void erase(std::size_t place);
  int octave_of(const known_node& one) const;
  node_id first_in(int octave) const;
  // [first, last) of the nodes in one octave beyond the successors.
  std::pair<std::size_t, std::size_t> members_of(int octave) const;
  std::optional<std::size_t> worst_of(int octave) const;
  bool better(const known_node& a, const known_node& b) const;

  node_id self_;
  const overlay_settings* settings_;
  std::vector<known_node> nodes_;
  std::vector<std::uint64_t> tops_; ///< first words of their distances: small enough to search
  ring_distance complete_, before_;
};

} // namespace dci
