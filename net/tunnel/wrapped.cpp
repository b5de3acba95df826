#include "net/tunnel/wrapped.hpp"

#include <algorithm>

namespace dci {
namespace {

constexpr std::uint8_t nothing_more = 0, of_v4 = 4, of_v6 = 6;

constexpr std::size_t ip_bytes(std::uint8_t kind) {
  return kind == of_v4 ? 4 : 16;
}

} // namespace

byte_vector wrap_datagram(const wrapped_datagram& one) {
  byte_vector out;
  out.reserve(most_wrapping + one.bytes.size());
  out.assign(one.token.begin(), one.token.end());
  if (!one.peer) {
    out.push_back(nothing_more);
    return out;
  }
  const auto kind = is_v4(*one.peer) ? of_v4 : of_v6;
  out.push_back(kind);
  out.insert(out.end(), one.peer->ip.end() - ip_bytes(kind), one.peer->ip.end());
  out.push_back(static_cast<std::uint8_t>(one.peer->port >> 8));
  out.push_back(static_cast<std::uint8_t>(one.peer->port));
  out.insert(out.end(), one.bytes.begin(), one.bytes.end());
  return out;
}

expected<wrapped_datagram> unwrap_datagram(byte_view bytes) {
  const auto bad = [] { return fail(errc::bad_message, "a datagram that is not wrapped as ours"); };
  wrapped_datagram out;
  if (bytes.size() < out.token.size() + 1)
    return bad();
  std::copy_n(bytes.begin(), out.token.size(), out.token.begin());
  const auto kind = bytes[out.token.size()];
  bytes = bytes.subspan(out.token.size() + 1);
  if (kind == nothing_more && bytes.empty())
    return out;
  if ((kind != of_v4 && kind != of_v6) || bytes.size() < ip_bytes(kind) + 2)
    return bad();
  auto& peer = out.peer.emplace();
  if (kind == of_v4)
    std::ranges::copy(v4_prefix, peer.ip.begin());
  std::copy_n(bytes.begin(), ip_bytes(kind), peer.ip.end() - ip_bytes(kind));
  bytes = bytes.subspan(ip_bytes(kind));
  peer.port = static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
  out.bytes = bytes.subspan(2);
  // One address is written in one way only.
  if ((kind == of_v6 && is_v4(peer)) || out.bytes.size() > most_datagram_bytes)
    return bad();
  return out;
}

bool is_fit_for_door(const endpoint& peer, bool is_local) {
  if (peer.port == 0)
    return false;
  const auto* const ip = peer.ip.data();
  if (is_v4(peer)) {
    const auto first = ip[12];
    const bool is_loopback = first == 127;
    return first != 0 && first < 224 && (is_local || !is_loopback);
  }
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  const bool is_loopback = std::all_of(ip, ip + 15, is_zero) && ip[15] == 1;
  const bool is_nobody = std::all_of(ip, ip + 16, is_zero);
  return !is_nobody && ip[0] != 0xff && (is_local || !is_loopback);
}

} // namespace dci
