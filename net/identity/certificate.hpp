// X.509 certificates of nodes and of the authorities that vouch for them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/identity/bytes.hpp"
#include "net/identity/node_key.hpp"

// OpenSSL's X509; its headers stay out of this one.
struct x509_st;

namespace dci {

/// What a certificate says. Parsing it proves nothing: see check_signature and
/// trust_store.
struct certificate {
  byte_vector der;
  public_key key{};        ///< its subject's
  node_id id;              ///< of that key
  std::string name;        ///< its subject's common name
  std::string issuer_name; ///< its issuer's, or empty
  std::string serial;      ///< hexadecimal digits, two a byte
  wall_time not_before;
  wall_time not_after;
  /// basicConstraints and keyUsage of an authority's root.
  bool may_issue = false;
  /// No authority, digitalSignature, and both ends of TLS.
  bool may_connect = false;
  /// The common name and the only subjectAltName are those of its own key's id.
  bool names_own_id = false;
  std::shared_ptr<x509_st> handle;
};

/// Reads one certificate, all bytes of it. Errors: bad_message for what is no
/// X.509v3 certificate of at most 16 KiB with critical extensions that we know;
/// unsupported when its key is not Ed25519.
expected<certificate> parse_certificate(byte_view der);

/// Reads a file of DER or PEM. Errors: bad_file and those of parse_certificate.
expected<certificate> load_certificate(const std::filesystem::path& path);

/// Reads a file of DER, or of at most 16 in PEM, one behind the other. Errors: the same.
expected<std::vector<certificate>> load_certificates(const std::filesystem::path& path);

/// What a signature is worth: whether the issuer it names is the authority, and if
/// so whether the authority's key has made it. Bad: a forgery, or the work of
/// another authority of the same name.
enum class signature_check { good, other_issuer, bad };
signature_check check_signature(const certificate& signed_thing, const certificate& authority);

/// "dci-node:" and the id: the subjectAltName of a node's certificate.
std::string node_uri(const node_id& id);

} // namespace dci
