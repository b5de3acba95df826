// Vouches for nodes: issues certificates to those that a rule admits, and
// revokes them.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "net/identity/admission.hpp"
#include "net/identity/certificate.hpp"
#include "net/identity/revocation_list.hpp"

namespace dci {

inline constexpr std::chrono::seconds default_lifetime = std::chrono::hours{24};

/// An authority, which lives in a folder: authority.key (0600), authority.crt (its
/// root, PEM) and issued.json (its ledger, 0600). The folder is locked while the
/// object lives. What changes is on the disk before a call returns.
class authority {
 public:
  /// Of one node at a time: each would stand in the list that revokes it, which has its bounds.
  static constexpr std::size_t most_held = 64;

  /// Makes the folder and what is in it. name: 1 to 64 printable ASCII characters.
  /// Errors: already_exists; bad_config for a wrong name or validity; bad_file.
  static expected<authority> create(const std::filesystem::path& folder, const std::string& name,
                                    wall_time now, std::chrono::seconds validity);

  /// Errors: bad_file, with what to do; busy when another process uses it.
  static expected<authority> load(const std::filesystem::path& folder);

  authority(authority&&) noexcept;
  authority& operator=(authority&&) noexcept;
  ~authority();

  const certificate& root() const;
  /// That of its root, for connections at whose end the authority itself is.
  const std::shared_ptr<const node_key>& key() const;

  /// A certificate for the key that the request proves, as DER. Errors: refused when
  /// the node was revoked, holds most_held already, or the rule says no; bad_config for a wrong
  /// lifetime or when the root does not hold at this time; bad_file when the ledger cannot be
  /// written; unsupported when that is full.
  expected<byte_vector> issue(const enrolment_request& asked, const admission_rule& rule,
                              wall_time now, std::chrono::seconds lifetime = default_lifetime);

  /// Revokes every certificate of a node and issues it none again. The answer is the
  /// new revocation list, as DER. Errors: bad_file; unsupported when it grew too large.
  expected<byte_vector> revoke(const node_id& node, wall_time now, revocation_reason reason);

  /// Revokes one certificate. Errors: those above; not_found when it issued none of
  /// that serial number, or one that ended long ago.
  expected<byte_vector> revoke_serial(std::string_view serial, wall_time now,
                                      revocation_reason reason);

  /// A new list of the same certificates, with the next number.
  expected<byte_vector> sign_revocation_list(wall_time now);

 private:
  struct parts;
  explicit authority(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace dci
