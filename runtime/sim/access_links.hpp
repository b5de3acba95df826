// How much nodes' access links carry. Nobody has published bandwidths beside these round trips, so
// they are drawn.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"

namespace dci {

/// Home links: up, log-normal with a median of 20 Mbit/s and a deviation of 1.2, so that one in ten
/// has less than 4 and one in ten more than 93; down, 1 to 10 times as much, evenly drawn on a
/// logarithmic scale. Independent of where a node is.
class access_links {
 public:
  access_links(std::uint32_t nodes, random_source random);

  /// Of the narrower end, for what one node sends another. Not the same both ways.
  double mbit_per_s(std::uint32_t from, std::uint32_t to) const;

 private:
  struct link {
    double up = 0, down = 0;
  };
  std::vector<link> links_;
};

} // namespace dci
