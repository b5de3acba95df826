#include "net/datagram/datagram.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace dci {
namespace {

constexpr std::array<std::uint8_t, 4> begins{'D', 'C', 'I', 1};
constexpr std::size_t key_at = 6, counter_at = 38, payload_at = 46, signature_bytes = 64;
// So that no signature made here can be taken for one of anything else.
constexpr std::string_view purpose = "dci datagram 1";

std::vector<std::uint8_t> to_sign(byte_view before_signature, const node_id& to) {
  std::vector<std::uint8_t> out(purpose.begin(), purpose.end());
  out.insert(out.end(), to.bytes.begin(), to.bytes.end());
  out.insert(out.end(), before_signature.begin(), before_signature.end());
  return out;
}

} // namespace

expected<std::vector<std::uint8_t>> seal_datagram(const node_key& from,
                                                  const std::optional<node_id>& to,
                                                  datagram_channel channel, std::uint64_t counter,
                                                  byte_view payload) {
  if (!fits_datagram(payload))
    return fail(errc::internal, "a message of " + std::to_string(payload.size()) +
                                    " bytes is too long for one datagram");
  std::vector<std::uint8_t> out(begins.begin(), begins.end());
  out.push_back(static_cast<std::uint8_t>(channel));
  out.push_back(to ? 1 : 0);
  out.insert(out.end(), from.public_half().begin(), from.public_half().end());
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(counter >> shift));
  out.insert(out.end(), payload.begin(), payload.end());
  DCI_ASSIGN(const auto signature, from.sign(to_sign(out, to.value_or(node_id{}))));
  out.insert(out.end(), signature.begin(), signature.end());
  return out;
}

expected<datagram> open_datagram(byte_view bytes, const node_id& self) {
  if (bytes.size() < datagram_overhead ||
      !std::equal(begins.begin(), begins.end() - 1, bytes.begin()))
    return fail(errc::bad_message, "not one of our datagrams");
  if (bytes.size() > most_datagram_bytes)
    return fail(errc::bad_message, "a datagram is too long");
  if (bytes[3] != begins[3])
    return fail(errc::bad_message, "a datagram of another version");
  datagram out;
  out.channel = static_cast<datagram_channel>(bytes[4]);
  if (out.channel < datagram_channel::membership || out.channel > datagram_channel::overlay ||
      bytes[5] > 1)
    return fail(errc::bad_message, "a datagram for a channel that is unknown");
  std::copy_n(bytes.begin() + key_at, out.sender.size(), out.sender.begin());
  for (auto i = counter_at; i < payload_at; ++i)
    out.counter = out.counter << 8 | bytes[i];
  const auto before = bytes.first(bytes.size() - signature_bytes);
  if (!node_key::verify(out.sender, to_sign(before, bytes[5] == 1 ? self : node_id{}),
                        bytes.last(signature_bytes)))
    return fail(errc::refused, "a datagram is signed by somebody else or meant for another node");
  out.payload = before.subspan(payload_at);
  return out;
}

} // namespace dci
