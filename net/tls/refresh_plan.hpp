// When to shake hands anew with a node that was dialled, so that both ends know each other's newest
// certificates. Pure: the times are given.
#pragma once

#include <chrono>
#include <cstdint>

#include "net/identity/bytes.hpp"

namespace dci {

class refresh_plan {
 public:
  using clock = std::chrono::steady_clock;

  /// own: the version of what this node shows. peer_until: when the peer's certificates end.
  refresh_plan(std::uint64_t own, wall_time peer_until, wall_time now)
      : own_(own), since_(now), until_(peer_until) {
  }

  /// Where this node shows others since, or of the time for which the peer was vouched for no more
  /// than a quarter is left: he should have newer ones by then. Not again too soon.
  bool is_due(std::uint64_t own, wall_time now, clock::time_point at) const;
  void succeeded(std::uint64_t own, wall_time peer_until, wall_time now, clock::time_point at);
  void failed(wall_time now, clock::time_point at);

 private:
  void wait(wall_time now, clock::time_point at);

  std::uint64_t own_;
  wall_time since_, until_;
  clock::time_point next_{};
};

} // namespace dci
