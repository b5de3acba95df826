#include "actors/membership/lan_neighbours.hpp"

#include <algorithm>

namespace dci {

lan_neighbours::answer lan_neighbours::take(const endpoint& who, node_time now) {
  const auto known = asked_.find(who);
  if (known != asked_.end()) {
    auto& one = known->second;
    if (now < one.again)
      return answer::rests;
    one.rest = std::min<node_clock::duration>(2 * one.rest, longest_rest);
    one.again = now + one.rest;
    return answer::ask;
  }
  if (asked_.size() >= most) {
    const auto first =
        std::ranges::min_element(asked_, {}, [](const auto& one) { return one.second.again; });
    if (now < first->second.again)
      return answer::too_many;
    asked_.erase(first);
  }
  asked_[who] = {now + first_rest, first_rest};
  return answer::ask;
}

} // namespace dci
