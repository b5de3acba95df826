// What a node brings to its TLS links: its key, the certificates that authorities gave it, and whom
// it trusts. Shared by all its sessions; may be used from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/identity/certificate.hpp"
#include "net/identity/trust_store.hpp"
#include "net/tls/followed_nodes.hpp"

// OpenSSL's SSL_CTX; its headers stay out of this one.
struct ssl_ctx_st;

namespace dci {

struct tls_credentials {
  std::shared_ptr<const node_key> key;
  std::vector<certificate> certificates; ///< all of that key, of different authorities
  trust_store trusted;
  /// The nodes of its trust domain; absent: all that are vouched for. The others are strangers.
  std::optional<std::set<node_id>> domain = {};
};

class tls_context {
 public:
  using wall_clock = std::function<wall_time()>;

  /// Errors: bad_config when there is no certificate or one is of another key; internal.
  static expected<std::shared_ptr<tls_context>> open(tls_credentials credentials,
                                                     wall_clock clock = system_wall_time);

  /// For an authority at whose door nodes without certificates knock: it shows this certificate,
  /// and asks nobody who he is. Errors: internal.
  static expected<std::shared_ptr<tls_context>>
  open_to_anybody(std::shared_ptr<const node_key> key, const certificate& shown,
                  wall_clock clock = system_wall_time);
  /// For such a node, which can only dial: the other end must be one of the roots itself. Errors:
  /// internal.
  static expected<std::shared_ptr<tls_context>>
  without_certificates(trust_store roots, wall_clock clock = system_wall_time);

  /// Null of a node without certificates.
  const std::shared_ptr<const node_key>& key() const {
    return credentials_.key;
  }
  /// Whether its peers show nothing.
  bool is_open_to_anybody() const {
    return peers_ == peers::anybody;
  }
  /// The node's own certificates, as DER.
  std::vector<byte_vector> shown() const;
  /// From now on the node shows these; live sessions go on. Errors, which change nothing: those of
  /// open; bad_config, too, for one that has ended.
  result show(std::vector<certificate> certificates);
  /// Changes whenever other certificates are shown.
  std::uint64_t shown_version() const {
    return shown_version_;
  }
  std::vector<certificate> certificates() const;
  /// When the first of them ends.
  wall_time shown_until() const;

  /// Live sessions of whoever is on the list end at their next byte. As trust_store's.
  expected<bool> add_revocations(byte_view der);
  /// As trust_store's.
  std::vector<held_revocations> revocations() const;
  /// As trust_store's, at this time; what is refused is counted.
  tl::expected<verified_node, refused_error> verify(const std::vector<byte_vector>& shown);
  /// The same, and the node must be of the trust domain.
  tl::expected<verified_node, refused_error> verify_domain(const std::vector<byte_vector>& shown);
  /// Whether a node, once it is vouched for, is of the trust domain.
  bool is_of_domain(const node_id& node) const {
    return !credentials_.domain || credentials_.domain->contains(node);
  }
  /// Whether a session with this peer may be.
  tl::expected<verified_node, refused_error> verify_peer(const std::vector<byte_vector>& shown);

  /// From now on certificates that this node shows, by whichever way, are remembered as long as
  /// what is returned lives. Null where peers are no nodes.
  followed_nodes::handle follow(const verified_node& peer, const std::vector<byte_vector>& shown);
  /// Whether a node that was let in may stay: by what it has shown then, or by what it has shown
  /// since. whom: may be null. in_domain: it must be of the trust domain.
  tl::expected<verified_node, refused_error> verify_still(const std::vector<byte_vector>& shown,
                                                          const followed_nodes::handle& whom,
                                                          bool in_domain = true);
  /// Changes whenever a node that is followed has shown certificates that last longer.
  std::uint64_t renewals() const {
    return renewals_;
  }
  /// How often a peer was refused, by reason, when it came or later.
  std::map<std::string, std::uint64_t> refusals() const;
  void count_refusal(refusal reason);

  /// Changes whenever a revocation list was added.
  std::uint64_t generation() const {
    return generation_;
  }
  wall_time now() const {
    return clock_();
  }
  /// For sessions, which hold on to it themselves.
  std::shared_ptr<ssl_ctx_st> handle() const;

  static wall_time system_wall_time();

 private:
  enum class peers { domain, roots, anybody };

  tls_context(tls_credentials credentials, peers whom, wall_clock clock);
  static expected<std::shared_ptr<tls_context>> made(tls_credentials credentials, peers whom,
                                                     wall_clock clock);
  tl::unexpected<refused_error> no_stranger(const node_id& who);
  expected<std::shared_ptr<ssl_ctx_st>> prepare(const std::vector<certificate>& shown) const;
  bool add_certificates(ssl_ctx_st* to, const std::vector<certificate>& shown) const;

  tls_credentials credentials_;
  peers peers_;
  wall_clock clock_;
  /// Never changed, but replaced: a session may be made of it at any time.
  std::shared_ptr<ssl_ctx_st> context_;
  std::atomic<std::uint64_t> generation_ = 0, shown_version_ = 0, renewals_ = 0;
  mutable std::mutex mutex_; ///< over what changes
  followed_nodes followed_;
  std::map<std::string, std::uint64_t> refusals_;
};

} // namespace dci
