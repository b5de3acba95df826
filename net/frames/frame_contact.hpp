// Where a host hears frames, and by which keys it is known there.
#pragma once

#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "net/tls/tls_context.hpp"
#include "runtime/base/json_bytes.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A public key of CurveZMQ, which is X25519's.
using curve_key = std::array<std::uint8_t, 32>;

/// What a host tells of its frame port. It is signed by the node's key where the host has
/// credentials, which binds the CURVE key to the node that the certificates are of.
struct frame_contact {
  std::string address;
  curve_key curve{};
  std::vector<byte_vector> certificates;
  public_key key{};
  key_signature signature{};

  static constexpr std::string_view type_name = "frame_contact";
  static constexpr auto fields() {
    using self = frame_contact;
    return std::tuple{
        required("address", &self::address, "HOST:PORT of TCP, where it hears frames"),
        required("curve", &self::curve, "the CURVE key by which its frames are encrypted"),
        field("certificates", &self::certificates,
              "X.509, as DER, of the node's key; none of a host without credentials"),
        field("key", &self::key, "the node's key; zeros of a host without credentials"),
        field("signature", &self::signature, "of all the others, by that key")};
  }
  friend bool operator==(const frame_contact&, const frame_contact&) = default;
};

/// credentials: the host's own; may be null.
frame_contact make_contact(std::string address, const curve_key& curve,
                           const tls_context* credentials);
/// Whether the node's key has signed all of it.
bool is_signed_contact(const frame_contact& contact);

/// As it travels.
byte_vector pack_contact(const frame_contact& contact);
/// Errors: bad_message, naming the field.
expected<frame_contact> unpack_contact(byte_view bytes);

/// Whom a contact is of. A host starts with a new CURVE key every time, so one node may come by
/// several, and nobody proves in a contact that its CURVE key is his own.
struct frame_peer {
  curve_key curve{};
  std::string who; ///< its node's key; where it has none its address

  friend auto operator<=>(const frame_peer&, const frame_peer&) = default;
};
frame_peer peer_of(const frame_contact& contact);

} // namespace dci
