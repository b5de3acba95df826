// From whom a node takes copies of records: the owners next before it on the ring.
#pragma once

#include <vector>

#include "actors/overlay/ring_distance.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

/// A node knows its predecessor, but not who comes before that. So it takes copies from whoever
/// says he stands there, unless enough others said so lately who would stand nearer: the true ones
/// are the nearest, and nobody who only claims to be one can crowd them out from farther away.
class record_givers {
 public:
  /// most: of them, remembered for so long.
  record_givers(const node_id& self, std::size_t most, node_clock::duration remembered)
      : self_(self), most_(most), remembered_(remembered) {
  }

  /// Whether he is one; then he is remembered. predecessor: this node's.
  bool take(const node_id& giver, const node_id& predecessor, node_time now);
  /// Whether all names in (after, until] lie before the giver's end of the ring, seen from here.
  bool may_give(const node_id& giver, const node_id& after, const node_id& until) const {
    return in_half_open(self_, until, giver) && !in_open(after, self_, until);
  }

 private:
  struct one {
    node_id id;
    node_time heard{};
  };

  node_id self_;
  std::size_t most_;
  node_clock::duration remembered_;
  std::vector<one> heard_; ///< the nearest first
};

} // namespace dci
