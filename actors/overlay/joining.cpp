#include "actors/overlay/joining.hpp"

#include <algorithm>
#include <iterator>

namespace dci {

joining::joining(const node_id& self, random_source random) : self_(self), random_(random) {
}

void joining::know(const contact& node, bool is_member) {
  if (node.id == self_)
    return;
  if (is_member)
    members_.insert_or_assign(node.id, node);
  else
    members_.erase(node.id);
}

contact joining::any() {
  return std::next(members_.begin(), static_cast<std::ptrdiff_t>(random_.below(members_.size())))
      ->second;
}

// The next one as often as one of those behind it: some are not in the overlay.
contact joining::behind_self() {
  auto one = members_.upper_bound(self_);
  auto steps = random_.below(2) == 0 ? 0 : random_.below(std::min(most_behind, members_.size()));
  for (; steps > 0; --steps)
    one = one == members_.end() ? std::next(members_.begin()) : std::next(one);
  return (one == members_.end() ? members_.begin() : one)->second;
}

joining::advice joining::decide(chord::state now_is, node_time now) {
  if (now < next_)
    return {};
  next_ = now + between_tries;
  if (now_is == chord::state::joined || now_is == chord::state::left || members_.empty()) {
    wait_until_ = no_time;
    tries_ = 0;
    if (members_.empty() || now_is != chord::state::joined)
      return {};
    return {{}, false, behind_self()};
  }
  if (wait_until_ == no_time)
    wait_until_ = is_lowest() ? now + wait_to_be_joined : now;
  if (now < wait_until_)
    return {};
  if (tries_ >= (is_lowest() ? 1 : most_tries)) {
    tries_ = 0;
    // Not all at the same time.
    wait_until_ = now + wait_to_be_joined * (1 + random_.below(3));
    return {{}, true, {}};
  }
  ++tries_;
  const bool through_lowest = !is_lowest() && tries_ % 2 == 1;
  return {through_lowest ? members_.begin()->second : any(), false, {}};
}

} // namespace dci
