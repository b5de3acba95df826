// Time as the pure parts see it: given to them, never asked for.
#pragma once

#include <chrono>

namespace dci {

/// Microseconds since the machine that holds the time began to count: of a host its steady
/// clock, of a simulation its own. It has no now().
struct node_clock {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<node_clock>;
  static constexpr bool is_steady = true;
};

using node_time = node_clock::time_point;

/// Never.
inline constexpr node_time no_time = node_time::max();

} // namespace dci
