// What certificates, requests and revocation lists have in common, between
// OpenSSL's types and ours. For the sources of net/identity only.
#pragma once

#include <optional>
#include <string>

#include "net/identity/bytes.hpp"
#include "net/identity/node_key.hpp"
#include "net/identity/openssl_ptr.hpp"

namespace dci {

/// The object that these bytes are, all of them; null otherwise. parse: a d2i_*.
template <class Pointer>
Pointer whole_der(byte_view der,
                  typename Pointer::element_type* (*parse)(typename Pointer::element_type**,
                                                           const unsigned char**, long)) {
  const auto* at = der.data();
  Pointer out{parse(nullptr, &at, static_cast<long>(der.size()))};
  if (out && at != der.data() + der.size())
    out.reset();
  return out;
}

/// An object of OpenSSL's as DER. write: an i2d_*. Errors: internal.
template <class T>
expected<byte_vector> der_of(T* object, int (*write)(const T*, unsigned char**)) {
  const int size = write(object, nullptr);
  if (size <= 0)
    return fail_openssl("an object cannot be written as DER");
  byte_vector out(static_cast<std::size_t>(size));
  auto* at = out.data();
  write(object, &at);
  return out;
}

/// Errors: unsupported for null and for any other kind of key.
expected<public_key> ed25519_half(EVP_PKEY* pair);
pkey_ptr ed25519_pkey(const public_key& key);

/// The only common name; nullopt when there is none or more.
std::optional<std::string> common_name(const X509_NAME* name);
/// A name of nothing else.
x509_name_ptr name_of(const std::string& common_name);

/// Nullopt when it is not a time.
std::optional<wall_time> time_of(const ASN1_TIME* time);
asn1_time_ptr asn1_time(wall_time time);

/// In hexadecimal digits, two a byte; nullopt unless it is from 1 to 20 bytes and
/// positive, as RFC 5280 wants.
std::optional<std::string> serial_text(const ASN1_INTEGER* serial);
/// The inverse.
asn1_integer_ptr serial_number(const std::string& text);

} // namespace dci
