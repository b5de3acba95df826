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

  /// Live sessions of whoever is on the list end at their next byte. As trust_store's.
  expected<bool> add_revocations(byte_view der);
  /// As trust_store's.
  std::vector<held_revocations> revocations() const;
  /// As trust_store's, at this time; what is refused is counted.
  tl::expected<verified_node, refused_error> verify(const std::vector<byte_vector>& shown);
  /// The same, and the node must be of the trust domain.
  tl::expected<verified_node, refused_error> verify_domain(const std::vector<byte_vector>& shown);
  /// Whether a session with this peer may be, and go on.
  tl::expected<verified_node, refused_error> verify_peer(const std::vector<byte_vector>& shown);
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
  /// For sessions.
  ssl_ctx_st* handle() const {
    return context_.get();
  }

  static wall_time system_wall_time();

 private:
  struct free_context {
    void operator()(ssl_ctx_st* context) const noexcept;
  };

  enum class peers { domain, roots, anybody };

  tls_context(tls_credentials credentials, peers whom, wall_clock clock);
  static expected<std::shared_ptr<tls_context>> made(tls_credentials credentials, peers whom,
                                                     wall_clock clock);
  result prepare();
  bool show_certificates();

  tls_credentials credentials_;
  peers peers_;
  wall_clock clock_;
  std::unique_ptr<ssl_ctx_st, free_context> context_;
  std::atomic<std::uint64_t> generation_ = 0;
  mutable std::mutex mutex_; ///< over the trust store and the counters
  std::map<std::string, std::uint64_t> refusals_;
};

} // namespace dci
