#include "net/datagram/replay_guard.hpp"

namespace dci {

bool replay_guard::is_new(const node_id& sender, std::uint64_t counter) {
  const auto place = places_.find(sender);
  if (place == places_.end()) {
    if (order_.size() >= most_) {
      places_.erase(order_.back().sender);
      order_.pop_back();
    }
    order_.push_front({sender, counter});
    places_.emplace(sender, order_.begin());
    return true;
  }
  order_.splice(order_.begin(), order_, place->second);
  auto& known = order_.front();
  if (counter == known.newest)
    return false;
  if (counter > known.newest) {
    const auto ahead = counter - known.newest;
    known.before = ahead >= 64 ? 0 : known.before << ahead;
    if (ahead <= 64)
      known.before |= std::uint64_t{1} << (ahead - 1);
    known.newest = counter;
    return true;
  }
  const auto behind = known.newest - counter - 1;
  if (behind >= 64 || (known.before >> behind & 1) != 0)
    return false;
  known.before |= std::uint64_t{1} << behind;
  return true;
}

} // namespace dci
