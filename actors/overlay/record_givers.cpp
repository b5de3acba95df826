#include "actors/overlay/record_givers.hpp"

#include <algorithm>

namespace dci {

bool record_givers::take(const node_id& giver, const node_id& predecessor, node_time now) {
  if (giver == self_ || in_open(predecessor, giver, self_))
    return false; // nobody stands between
  std::erase_if(heard_, [&](const one& o) {
    return o.id == giver || now - o.heard > remembered_ || in_open(predecessor, o.id, self_);
  });
  const auto far = [&](const one& o) { return distance(o.id, self_); };
  const auto place = std::ranges::lower_bound(heard_, distance(giver, self_), {}, far);
  if (place - heard_.begin() >= static_cast<std::ptrdiff_t>(most_))
    return false;
  heard_.insert(place, {giver, now});
  if (heard_.size() > most_)
    heard_.pop_back();
  return true;
}

} // namespace dci
