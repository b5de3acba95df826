// How a node asks for a certificate: a PKCS#10 request, signed with the key that
// is to be certified.
#pragma once

#include "net/identity/bytes.hpp"
#include "net/identity/node_key.hpp"

namespace dci {

/// A request of a node for the certificate of its key. Whoever holds one of these
/// knows that it was signed with that key.
class certificate_request {
 public:
  /// As DER. Errors: internal.
  static expected<byte_vector> make(const node_key& key);

  /// Reads one, all bytes of it. Errors: bad_message when it is damaged, larger than
  /// 16 KiB, not signed by its own key, or names another id than its key's;
  /// unsupported when that is not Ed25519.
  static expected<certificate_request> parse(byte_view der);

  const public_key& key() const {
    return key_;
  }
  node_id id() const {
    return id_of(key_);
  }

 private:
  explicit certificate_request(const public_key& key) : key_(key) {
  }

  public_key key_;
};

} // namespace dci
