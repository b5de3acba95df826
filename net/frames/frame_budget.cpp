#include "net/frames/frame_budget.hpp"

namespace dci {

frame_budget::ticket frame_budget::take(const curve_key& peer, std::size_t bytes) {
  bytes += overhead;
  {
    const std::lock_guard lock(mutex_);
    const auto found = of_.find(peer);
    const auto before = found == of_.end() ? 0 : found->second;
    if (bytes > most_bytes - all_ || bytes > most_bytes_of_one - before)
      return nullptr;
    all_ += bytes;
    of_[peer] = before + bytes;
  }
  // Its pointer is to nothing of use, only not null.
  return {this,
          [self = shared_from_this(), peer, bytes](const void*) { self->give_back(peer, bytes); }};
}

void frame_budget::give_back(const curve_key& peer, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  all_ -= bytes;
  const auto found = of_.find(peer);
  if ((found->second -= bytes) == 0)
    of_.erase(found);
}

} // namespace dci
