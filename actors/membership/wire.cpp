#include "actors/membership/wire.hpp"

#include <string_view>

#include "net/wire/codec.hpp"

namespace dci {
namespace {

// The type's name stands first: a signature of one thing is none of another.
template <class T>
std::vector<std::uint8_t> unsigned_bytes(T item, key_signature T::*signature) {
  item.*signature = {};
  const auto packed = wire::pack(item);
  std::vector<std::uint8_t> out(T::type_name.begin(), T::type_name.end());
  out.insert(out.end(), packed.begin(), packed.end());
  return out;
}

template <class T>
void sign_with(const node_key& key, T& item, key_signature T::*signature) {
  item.key = key.public_half();
  // Where OpenSSL fails nobody will believe it, which is right.
  item.*signature = key.sign(unsigned_bytes(item, signature)).value_or(key_signature{});
}

template <class T>
bool is_signed_by(const node_id& who, const T& item, key_signature T::*signature) {
  return id_of(item.key) == who &&
         node_key::verify(item.key, unsigned_bytes(item, signature), item.*signature);
}

} // namespace

std::vector<std::uint8_t> pack_message(const membership_message& message) {
  return wire::pack(message);
}

expected<membership_message> unpack_message(std::span<const std::uint8_t> bytes) {
  return wire::unpack<membership_message>(bytes, "membership_message");
}

void key_seal::sign(presence& p) const {
  sign_with(*key_, p, &presence::signed_by_node);
}
void key_seal::sign(suspicion& s) const {
  sign_with(*key_, s, &suspicion::signed_by_accuser);
}
bool key_seal::holds(const presence& p) const {
  return is_signed_by(p.node.id, p, &presence::signed_by_node);
}
bool key_seal::holds(const suspicion& s) const {
  return is_signed_by(s.accuser, s, &suspicion::signed_by_accuser);
}

} // namespace dci
