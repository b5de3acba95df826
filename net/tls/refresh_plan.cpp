#include "net/tls/refresh_plan.hpp"

#include <algorithm>

namespace dci {
namespace {

constexpr std::chrono::milliseconds shortest_pause{1000}, longest_pause{600'000};
/// At least so many pauses fit into the time that is left.
constexpr int tries_to_come = 8;

} // namespace

bool refresh_plan::is_due(std::uint64_t own, wall_time now, clock::time_point at) const {
  return at >= next_ && (own != own_ || (until_ - now) * 4 <= until_ - since_);
}

void refresh_plan::succeeded(std::uint64_t own, wall_time peer_until, wall_time now,
                             clock::time_point at) {
  own_ = own;
  if (peer_until > until_) {
    until_ = peer_until;
    since_ = now;
  }
  wait(now, at);
}

void refresh_plan::failed(wall_time now, clock::time_point at) {
  wait(now, at);
}

void refresh_plan::wait(wall_time now, clock::time_point at) {
  next_ = at + std::clamp<std::chrono::milliseconds>((until_ - now) / tries_to_come, shortest_pause,
                                                     longest_pause);
}

} // namespace dci
