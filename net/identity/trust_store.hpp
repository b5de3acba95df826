// Whom a node trusts to say who others are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "net/identity/certificate.hpp"
#include "net/identity/refusal.hpp"
#include "net/identity/revocation_list.hpp"

namespace dci {

/// A peer whose certificates were accepted.
struct verified_node {
  node_id id;
  public_key key{};         ///< must be the one that TLS has seen proved
  wall_time valid_until;    ///< the earliest end of what was counted: close the connection then
  std::size_t vouchers = 0; ///< authorities that vouch for it
};

/// What is held of one root's revocations.
struct held_revocations {
  node_id root;                           ///< of the root's key
  std::uint64_t number = 0;               ///< 0 where there is no list
  std::shared_ptr<const byte_vector> der; ///< null then
};

/// Root certificates, how many of them must vouch for a node, and their newest
/// revocation lists. Not synchronized.
class trust_store {
 public:
  /// roots: certificates of authorities, each with a key of its own. threshold: from 1
  /// to the number of roots. Errors: bad_config.
  static expected<trust_store> of(std::vector<certificate> roots, std::size_t threshold = 1);

  /// True when the list is newer than the one held of its authority, and is now held;
  /// false when it is the same or an older one. A list holds until a newer one comes,
  /// also after its nextUpdate. Errors: bad_message when it is damaged; refused when no
  /// trusted authority has signed it.
  expected<bool> add_revocations(byte_view der);

  /// One of each root.
  std::vector<held_revocations> revocations() const;

  /// Whether at least `threshold` roots vouch, at this time, for the key of the first
  /// certificate. One root counts once, however many certificates it gave. The error
  /// tells the most useful of the reasons.
  tl::expected<verified_node, refused_error> verify(std::span<const byte_vector> certificates,
                                                    wall_time now) const;

  /// Whether what is shown is one of the roots itself, at this time.
  tl::expected<verified_node, refused_error> verify_root(std::span<const byte_vector> certificates,
                                                         wall_time now) const;

 private:
  struct trusted_root {
    certificate root;
    std::optional<revocation_list> revoked;
    std::shared_ptr<const byte_vector> der; ///< of that list
  };
  struct opinion;

  trust_store(std::vector<trusted_root> roots, std::size_t threshold);
  opinion judge(const certificate& c, const public_key& key, wall_time now) const;

  std::vector<trusted_root> roots_;
  std::size_t threshold_;
};

} // namespace dci
