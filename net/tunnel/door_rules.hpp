// Who may open which doors at a tunnel's entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/tunnel/words.hpp"
#include "runtime/base/node_id.hpp"

namespace dci {

struct door_rules {
  std::uint16_t first_port = 0, last_port = 0;
  std::size_t most_doors = 8; ///< of one node
};

/// One that is open.
struct held_door {
  node_id node;
  door_transport transport = door_transport::tcp;
  std::uint16_t port = 0;

  friend bool operator==(const held_door&, const held_door&) = default;
};

/// Nothing: it may be opened. A door that the node holds already it may open again, since it may
/// have lost its session before the entry has: the older one closes.
std::optional<door_refusal> refusal_of(const door_rules& rules, const held_door& wanted,
                                       const std::vector<held_door>& held);

} // namespace dci
