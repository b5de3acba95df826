#include "actors/overlay/joining.hpp"

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

contact joining::behind_self() const {
  const auto next = members_.upper_bound(self_);
  return (next == members_.end() ? members_.begin() : next)->second;
}

joining::advice joining::decide(chord::state now_is, node_time now) {
  if (now < next_)
    return {};
  next_ = now + between_tries;
  if (now_is == chord::state::joined || now_is == chord::state::left || members_.empty()) {
    alone_since_ = no_time;
    if (members_.empty())
      return {};
    return {{}, false, behind_self()};
  }
  if (alone_since_ == no_time)
    alone_since_ = now;
  if (!is_lowest())
    return {++tries_ % 2 == 0 ? any() : members_.begin()->second, false, {}};
  if (now - alone_since_ < wait_to_be_joined)
    return {};
  if (now_is == chord::state::joining) {
    alone_since_ = no_time;
    return {{}, true, {}};
  }
  return {any(), false, {}};
}

} // namespace dci
