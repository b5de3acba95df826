// X.509 revocation lists: which certificates of an authority no longer hold,
// although their time is not over.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/identity/certificate.hpp"

// OpenSSL's X509_CRL; its headers stay out of this one.
struct X509_crl_st;

namespace dci {

// name, RFC 5280's number
#define DCI_REVOCATION_REASON_LIST(X)                                                              \
  X(unspecified, 0)                                                                                \
  X(key_compromise, 1)                                                                             \
  X(superseded, 4)                                                                                 \
  X(cessation_of_operation, 5)                                                                     \
  X(privilege_withdrawn, 9)

enum class revocation_reason : int {
#define DCI_REVOCATION_REASON_ENUM(name, number) name = number,
  DCI_REVOCATION_REASON_LIST(DCI_REVOCATION_REASON_ENUM)
#undef DCI_REVOCATION_REASON_ENUM
};

std::string_view to_string(revocation_reason reason) noexcept;
/// Errors: bad_config, with the names that there are.
expected<revocation_reason> parse_revocation_reason(std::string_view name);

struct revoked_certificate {
  std::string serial; ///< hexadecimal digits, two a byte
  wall_time since;
  revocation_reason reason = revocation_reason::unspecified;
};

/// What a list says. Parsing it proves nothing: see check_signature.
struct revocation_list {
  std::string issuer_name; ///< or empty
  std::uint64_t number = 0;
  wall_time this_update;
  wall_time next_update;
  std::vector<std::string> serials; ///< sorted

  std::shared_ptr<X509_crl_st> handle;

  bool has(const std::string& serial) const;
};

/// Reads one, all bytes of it. Errors: bad_message for what is no complete X.509v2
/// list of at most 1 MiB with a number, both dates, and no critical extension: those
/// would make it a list of changes, or of other authorities' certificates.
expected<revocation_list> parse_revocation_list(byte_view der);

signature_check check_signature(const revocation_list& signed_thing, const certificate& authority);

/// Signs a list. Errors: unsupported when it would have more than 1 MiB; internal.
expected<byte_vector> make_revocation_list(const node_key& authority_key, const certificate& root,
                                           std::uint64_t number, wall_time this_update,
                                           wall_time next_update,
                                           std::span<const revoked_certificate> revoked);

} // namespace dci
