#include "net/tunnel/words.hpp"

#include <algorithm>

#include "net/wire/codec.hpp"

namespace dci {
namespace {

constexpr std::array<std::uint8_t, 5> proof_begins{'D', 'C', 'I', 't', tunnel_version};

} // namespace

std::string_view to_string(door_transport transport) noexcept {
  switch (transport) {
    case door_transport::tcp:
      return "tcp";
    case door_transport::udp:
      return "udp";
  }
  return "unknown";
}

std::string_view to_string(door_refusal reason) noexcept {
  switch (reason) {
    case door_refusal::out_of_range:
      return "out_of_range";
    case door_refusal::taken:
      return "taken";
    case door_refusal::too_many:
      return "too_many";
    case door_refusal::impossible:
      return "impossible";
  }
  return "unknown";
}

std::string_view meaning(door_refusal reason) noexcept {
  switch (reason) {
    case door_refusal::out_of_range:
      return "the entry opens no doors at this port";
    case door_refusal::taken:
      return "another node or program has this port of the entry";
    case door_refusal::too_many:
      return "this node has as many doors as the entry allows";
    case door_refusal::impossible:
      return "the entry's machine does not open this port";
  }
  return "unknown";
}

byte_vector pack_exit_word(const exit_word& word) {
  return wire::pack(word);
}

byte_vector pack_entry_word(const entry_word& word) {
  return wire::pack(word);
}

expected<exit_word> unpack_exit_word(byte_view bytes) {
  return wire::unpack<exit_word>(bytes, "exit_word");
}

expected<entry_word> unpack_entry_word(byte_view bytes) {
  return wire::unpack<entry_word>(bytes, "entry_word");
}

byte_vector pack_call_proof(const call_proof& proof) {
  byte_vector out(proof_begins.begin(), proof_begins.end());
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(proof.call >> shift));
  out.insert(out.end(), proof.secret.begin(), proof.secret.end());
  return out;
}

expected<call_proof> unpack_call_proof(byte_view bytes) {
  if (bytes.size() != call_proof_bytes ||
      !std::equal(proof_begins.begin(), proof_begins.end(), bytes.begin()))
    return fail(errc::bad_message, "what came does not fetch a caller");
  bytes = bytes.subspan(proof_begins.size());
  call_proof out;
  for (std::size_t i = 0; i < 8; ++i)
    out.call = out.call << 8 | bytes[i];
  std::ranges::copy(bytes.subspan(8), out.secret.begin());
  return out;
}

} // namespace dci
