// What a node's reports say of the whole network.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/gossip/report_store.hpp"
#include "actors/gossip/requests.hpp"

namespace dci {

network_map map_of(const report_store& reports, node_time now);

/// The way from one node to another, there and back.
struct matrix_cell {
  double round_trip_ms = 0;
  double mbit_per_s = 0; ///< 0: unknown
  bool is_guess = false; ///< from network coordinates: nobody measured it
};

/// All tables together: a link as the node of its row measured it, or else the one of its column;
/// those that nobody measured are guessed. Nothing anybody says changes a link between two others.
class proximity_matrix {
 public:
  /// map must outlive it.
  explicit proximity_matrix(const network_map& map);

  std::size_t size() const {
    return map_->nodes.size();
  }
  /// Nothing where it is unknown, and from a node to itself.
  std::optional<matrix_cell> at(std::size_t from, std::size_t to) const;

 private:
  const mapped_link* reported(std::size_t from, std::size_t to) const;

  const network_map* map_;
};

} // namespace dci
