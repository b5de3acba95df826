// Through whom a node joins the overlay's ring. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "actors/overlay/chord.hpp"

namespace dci {

/// All members but one join through others, again and again until they are in: through any, and
/// every other time through the one with the lowest id. That one first waits to be joined, since
/// somebody must begin the ring; when nobody comes there is a ring already, and it joins, too. A
/// try that comes to nothing ends in waiting again. Not every member need be in the overlay, the
/// lowest neither: so who has tried often waits to be joined for a while, too. Rings that formed
/// apart from each other become one, as everybody meets members behind himself.
class joining {
 public:
  static constexpr std::chrono::seconds between_tries{2}, wait_to_be_joined{6};
  static constexpr std::uint32_t most_tries = 8;
  static constexpr std::size_t most_behind = 4; ///< members that are met

  explicit joining(const node_id& self, random_source random);

  void know(const contact& node, bool is_member);
  /// No other member is known.
  bool is_alone() const {
    return members_.empty();
  }

  struct advice {
    std::optional<contact> seed; ///< to join through, now
    bool start_anew = false;     ///< forget what was tried, and be alone first
    std::optional<contact> meet; ///< who should be the successor, were there one ring only
  };
  advice decide(chord::state now_is, node_time now);
  node_time next() const {
    return next_;
  }

 private:
  contact any();
  contact behind_self();
  bool is_lowest() const {
    return members_.empty() || self_ < members_.begin()->first;
  }

  node_id self_;
  random_source random_;
  std::map<node_id, contact> members_;
  std::uint32_t tries_ = 0;
  node_time next_{}, wait_until_ = no_time; ///< to be joined; no_time: not yet begun
};

} // namespace dci
