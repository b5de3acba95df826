// What nodes send one another in single datagrams: bytes that name their sender and that nobody
// else can have made.
//
//   "DCI"  version  channel  addressed  key[32]  counter[8]  payload  signature[64]
//
// The signature covers all before it and the receiver's id, so a datagram is worth nothing to
// another node; only where the sender does not know yet whom he writes to, addressed is 0 and the
// id is left out. Numbers have their most significant byte first.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/identity/node_key.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/node_id.hpp"

namespace dci {

/// Which of a node's parts it is for; without gaps, the last one is known to open_datagram.
enum class datagram_channel : std::uint8_t {
  membership = 1,
  proximity = 2,
  gossip = 3,
  introduction = 4,
  revocations = 5,
  gate = 6,
  overlay = 7
};

/// Bytes beside the payload.
inline constexpr std::size_t datagram_overhead = 3 + 1 + 1 + 1 + 32 + 8 + 64;
/// Of a whole one: what every path carries in one piece.
inline constexpr std::size_t most_datagram_bytes = 1452;

inline bool fits_datagram(byte_view payload) {
  return payload.size() + datagram_overhead <= most_datagram_bytes;
}

struct datagram {
  datagram_channel channel = datagram_channel::membership;
  public_key sender{};
  std::uint64_t counter = 0; ///< higher in each that a sender makes
  byte_view payload;         ///< of the bytes that were opened
};

/// `to`: nothing where the receiver's id is not known. Errors: internal, also for a payload
/// that is too long for one datagram.
expected<std::vector<std::uint8_t>> seal_datagram(const node_key& from,
                                                  const std::optional<node_id>& to,
                                                  datagram_channel channel, std::uint64_t counter,
                                                  byte_view payload);

/// Errors, whose messages are fixed texts that can be counted: bad_message for what is no such
/// datagram; refused where the signature does not hold for `self`.
expected<datagram> open_datagram(byte_view bytes, const node_id& self);

} // namespace dci
