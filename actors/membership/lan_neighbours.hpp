// Whom beacons of the local network named, and when each may be asked.
#pragma once

#include <map>

#include "net/endpoint.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

/// A beacon proves nothing, and a node of another network never answers one of this. So who was
/// asked rests for a minute, then for two, and so on up to an hour: two networks beside each other
/// leave one another alone.
class lan_neighbours {
 public:
  static constexpr std::size_t most = 256; ///< whoever says more is making them up
  static constexpr std::chrono::minutes first_rest{1}, longest_rest{60};

  enum class answer : std::uint8_t { ask, rests, too_many };
  /// ask: from now on it rests.
  answer take(const endpoint& who, node_time now);

 private:
  struct asked {
    node_time again{};
    node_clock::duration rest{};
  };

  std::map<endpoint, asked> asked_;
};

} // namespace dci
