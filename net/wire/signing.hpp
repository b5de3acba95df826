// Signatures of structs that travel: of the packed struct without its signature.
//
// Such a struct has a `key`, the signer's public half, and a key_signature.
#pragma once

#include <vector>

#include "net/identity/node_key.hpp"
#include "net/wire/codec.hpp"

namespace dci::wire {

/// The type's name stands first: a signature of one thing is none of another.
template <class T>
std::vector<std::uint8_t> unsigned_bytes(T item, key_signature T::*signature) {
  item.*signature = {};
  const auto packed = pack(item);
  std::vector<std::uint8_t> out;
  out.reserve(T::type_name.size() + packed.size());
  for (const char c : T::type_name)
    out.push_back(static_cast<std::uint8_t>(c));
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

} // namespace dci::wire
