// UDP sockets that do not block.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "net/datagram/datagram.hpp"
#include "net/datagram/datagram_detour.hpp"
#include "net/descriptor.hpp"
#include "net/endpoint.hpp"

namespace dci {

/// what: who listens, for the message. Errors: unreachable.
expected<descriptor> open_udp(const endpoint& where, const std::string& what);
/// What is longer than the way takes in one piece goes in several.
void allow_fragments(int socket, bool v6);

struct heard_datagram {
  endpoint from;
  byte_view bytes; ///< until the next one
  bool is_too_long = false;
};

/// Reads what has come, one after the other.
class udp_reader {
 public:
  /// Nothing: no more is there.
  std::optional<heard_datagram> next(int socket);

 private:
  std::array<std::uint8_t, most_datagram_bytes + most_wrapping> buffer_;
};

/// False where the system would not take it.
bool send_udp(int socket, bool v6, const endpoint& to, byte_view bytes);

} // namespace dci
