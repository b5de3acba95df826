#include "actors/membership/wire.hpp"

#include "net/wire/signing.hpp"

namespace dci {
std::vector<std::uint8_t> pack_message(const membership_message& message) {
  return wire::pack(message);
}

expected<membership_message> unpack_message(std::span<const std::uint8_t> bytes) {
  return wire::unpack<membership_message>(bytes, "membership_message");
}

void key_seal::sign(presence& p) const {
  wire::sign_with(*key_, p, &presence::signed_by_node);
}
void key_seal::sign(suspicion& s) const {
  wire::sign_with(*key_, s, &suspicion::signed_by_accuser);
}
bool key_seal::holds(const presence& p) const {
  return wire::is_signed_by(p.node.id, p, &presence::signed_by_node);
}
bool key_seal::holds(const suspicion& s) const {
  return wire::is_signed_by(s.accuser, s, &suspicion::signed_by_accuser);
}

} // namespace dci
