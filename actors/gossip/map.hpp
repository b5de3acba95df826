// What a node's reports say of the whole network.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/gossip/report_store.hpp"
#include "actors/gossip/requests.hpp"

namespace dci {

/// least_mbit_per_s: links of less are narrow.
network_map map_of(const report_store& reports, double least_mbit_per_s, node_time now);

/// The way from one node to another, there and back.
struct matrix_cell {
  double round_trip_ms = 0;
  bool is_guess = false; ///< from network coordinates: nobody measured it
};

/// How much goes one way between two nodes, in 10^6 bits/s.
struct bandwidth_cell {
  double mbit_per_s = 0;
  bool at_least = false; ///< it may be more
  bool narrow = false;
};

/// All tables together: a link as the node of its row measured it, or else the one of its column;
/// those that nobody measured are guessed. Nothing anybody says changes a link that one of its own
/// ends measured. A guess is as good as the places of both, which move with whom they measure.
class proximity_matrix {
 public:
  /// map must outlive it.
  explicit proximity_matrix(const network_map& map);

  std::size_t size() const {
    return map_->nodes.size();
  }
  /// Nothing where it is unknown, and from a node to itself.
  std::optional<matrix_cell> at(std::size_t from, std::size_t to) const;
  /// From one to the other as `from` measured it; nothing where it did not.
  std::optional<bandwidth_cell> bandwidth_at(std::size_t from, std::size_t to) const;

 private:
  const mapped_link* reported(std::size_t from, std::size_t to) const;

  const network_map* map_;
};

} // namespace dci
