#include "net/tunnel/door_rules.hpp"

#include <algorithm>

namespace dci {

std::optional<door_refusal> refusal_of(const door_rules& rules, const held_door& wanted,
                                       const std::vector<held_door>& held) {
  if (wanted.port < rules.first_port || wanted.port > rules.last_port)
    return door_refusal::out_of_range;
  std::size_t own = 0;
  for (const auto& one : held) {
    if (one == wanted)
      return {};
    if (one.transport == wanted.transport && one.port == wanted.port)
      return door_refusal::taken;
    own += one.node == wanted.node ? 1 : 0;
  }
  if (own >= rules.most_doors)
    return door_refusal::too_many;
  return {};
}

} // namespace dci
