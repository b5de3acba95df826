// Datagrams that go through a tunnel: whose they are, and where from or where to.
//
//   token[8]  kind  [ip[4] or ip[16]  port[2]  bytes]
//
// kind: 4 or 6, by the address; 0 for nothing more, which says only where the exit is now.
#pragma once

#include <optional>

#include "net/datagram/datagram.hpp"
#include "net/datagram/datagram_detour.hpp"
#include "net/endpoint.hpp"
#include "net/tunnel/words.hpp"

namespace dci {

struct wrapped_datagram {
  flow_token token{};
  std::optional<endpoint> peer;
  byte_view bytes; ///< of those that were unwrapped; at most most_datagram_bytes
};

byte_vector wrap_datagram(const wrapped_datagram& one);
/// Errors: bad_message, with fixed texts.
expected<wrapped_datagram> unwrap_datagram(byte_view bytes);

/// Whether a door sends there for an exit. Not to many at once; not to the entry's own machine,
/// where programs trust their neighbours, unless the door is for such: is_local.
bool is_fit_for_door(const endpoint& peer, bool is_local);

} // namespace dci
