#include "actors/gate/wire.hpp"

#include "actors/step_link/codecs.hpp"
#include "net/datagram/datagram.hpp"

namespace dci {

/// Handles are of CAF and go nowhere else.
template <>
struct wire::codec<actor_ref> : nothing_codec<actor_ref> {};

namespace {

constexpr std::size_t most_bytes = most_datagram_bytes - datagram_overhead;

} // namespace

byte_vector pack_question(const gate_question& question) {
  return wire::pack(question);
}

byte_vector pack_answer(const gate_answer& answer) {
  return wire::pack(answer);
}

expected<gate_question> unpack_question(byte_view bytes) {
  return wire::unpack<gate_question>(bytes, gate_question::type_name);
}

expected<gate_answer> unpack_answer(byte_view bytes) {
  return wire::unpack<gate_answer>(bytes, gate_answer::type_name);
}

byte_vector pack_offer(gate_offer offer) {
  offer.room.bytes = 256; // its length stands in as many bytes as that of the longest
  const auto size = wire::pack(offer).size();
  if (size < most_bytes)
    offer.room.bytes += static_cast<std::uint32_t>(most_bytes - size);
  return wire::pack(offer);
}

expected<gate_offer> unpack_offer(byte_view bytes) {
  return wire::unpack<gate_offer>(bytes, gate_offer::type_name);
}

byte_vector pack_welcome(const gate_welcome& welcome) {
  return wire::pack(welcome);
}

expected<gate_welcome> unpack_welcome(byte_view bytes) {
  return wire::unpack<gate_welcome>(bytes, gate_welcome::type_name);
}

} // namespace dci
