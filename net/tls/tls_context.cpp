#include "net/tls/tls_context.hpp"

#include <openssl/ssl.h>

#include "net/identity/openssl_ptr.hpp"
#include "net/identity/renewal.hpp"
#include "net/shown.hpp"

namespace dci {

int verify_shown(X509_STORE_CTX* shown, void*); // tls_session.cpp

namespace {

result check_own(const node_key& key, const std::vector<certificate>& certificates) {
  if (certificates.empty())
    return fail(errc::bad_config, "a node without certificates cannot use TLS");
  for (const auto& one : certificates)
    if (one.key != key.public_half())
      return fail(errc::bad_config,
                  "the certificate of node " + to_string(one.id) + " is not of this node's key");
  return {};
}

} // namespace

wall_time tls_context::system_wall_time() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

tls_context::tls_context(tls_credentials credentials, peers whom, wall_clock clock)
    : credentials_(std::move(credentials)), peers_(whom), clock_(std::move(clock)) {
}

expected<std::shared_ptr<tls_context>> tls_context::made(tls_credentials credentials, peers whom,
                                                         wall_clock clock) {
  std::shared_ptr<tls_context> out(new tls_context(std::move(credentials), whom, std::move(clock)));
  DCI_ASSIGN(out->context_, out->prepare(out->credentials_.certificates));
  return out;
}

expected<std::shared_ptr<tls_context>> tls_context::open(tls_credentials credentials,
                                                         wall_clock clock) {
  DCI_TRY(check_own(*credentials.key, credentials.certificates));
  return made(std::move(credentials), peers::domain, std::move(clock));
}

expected<std::shared_ptr<tls_context>>
tls_context::open_to_anybody(std::shared_ptr<const node_key> key, const certificate& shown,
                             wall_clock clock) {
  DCI_ASSIGN(auto itself, trust_store::of({shown}));
  return made({std::move(key), {shown}, std::move(itself)}, peers::anybody, std::move(clock));
}

expected<std::shared_ptr<tls_context>> tls_context::without_certificates(trust_store roots,
                                                                         wall_clock clock) {
  return made({nullptr, {}, std::move(roots)}, peers::roots, std::move(clock));
}

bool tls_context::add_certificates(ssl_ctx_st* to, const std::vector<certificate>& shown) const {
  if (shown.empty())
    return true;
  bool fine = SSL_CTX_use_certificate(to, shown.front().handle.get()) == 1 &&
              SSL_CTX_use_PrivateKey(to, credentials_.key->handle()) == 1;
  for (std::size_t i = 1; fine && i < shown.size(); ++i)
    fine = SSL_CTX_add1_chain_cert(to, shown[i].handle.get()) == 1;
  return fine;
}

expected<std::shared_ptr<ssl_ctx_st>>
tls_context::prepare(const std::vector<certificate>& shown) const {
  const clean_errors clean;
  std::shared_ptr<ssl_ctx_st> out(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  auto* const c = out.get();
  if (c == nullptr || SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) != 1 ||
      !add_certificates(c, shown))
    return fail_openssl("cannot prepare TLS");
  SSL_CTX_set_verify(c,
                     peers_ == peers::anybody ? SSL_VERIFY_NONE
                                              : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  SSL_CTX_set_cert_verify_callback(c, verify_shown, nullptr);
  // Every connection shows its certificates anew.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return out;
}

std::shared_ptr<ssl_ctx_st> tls_context::handle() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

result tls_context::show(std::vector<certificate> certificates) {
  if (credentials_.key == nullptr)
    return fail(errc::bad_config, "a node without a key shows no certificates");
  DCI_TRY(check_own(*credentials_.key, certificates));
  for (const auto& one : certificates)
    if (now() > one.not_after)
      return fail(errc::bad_config, "the certificate by authority " + dci::shown(one.issuer_name) +
                                        " ended at " + date_text(one.not_after));
  DCI_ASSIGN(auto made, prepare(certificates));
  const std::lock_guard lock(mutex_);
  credentials_.certificates = std::move(certificates);
  context_ = std::move(made);
  ++shown_version_;
  return {};
}

std::vector<certificate> tls_context::certificates() const {
  const std::lock_guard lock(mutex_);
  return credentials_.certificates;
}

wall_time tls_context::shown_until() const {
  const std::lock_guard lock(mutex_);
  return first_end(credentials_.certificates);
}

std::vector<byte_vector> tls_context::shown() const {
  const std::lock_guard lock(mutex_);
  std::vector<byte_vector> out;
  for (const auto& one : credentials_.certificates)
    out.push_back(one.der);
  return out;
}

expected<bool> tls_context::add_revocations(byte_view der) {
  const std::lock_guard lock(mutex_);
  auto added = credentials_.trusted.add_revocations(der);
  if (added && *added)
    ++generation_;
  return added;
}

std::vector<held_revocations> tls_context::revocations() const {
  const std::lock_guard lock(mutex_);
  return credentials_.trusted.revocations();
}

tl::expected<verified_node, refused_error>
tls_context::verify(const std::vector<byte_vector>& shown) {
  const std::lock_guard lock(mutex_);
  auto out = credentials_.trusted.verify(shown, now());
  if (!out)
    ++refusals_[std::string{to_string(out.error().reason)}];
  else if (followed_.saw(*out, shown))
    ++renewals_;
  return out;
}

tl::expected<verified_node, refused_error>
tls_context::verify_domain(const std::vector<byte_vector>& shown) {
  auto out = verify(shown);
  if (out && !is_of_domain(out->id))
    return no_stranger(out->id);
  return out;
}

tl::unexpected<refused_error> tls_context::no_stranger(const node_id& who) {
  count_refusal(refusal::stranger);
  return tl::unexpected(
      refused_error{{errc::refused, "node " + to_string(who) + " is none of this trust domain"},
                    refusal::stranger});
}

followed_nodes::handle tls_context::follow(const verified_node& peer,
                                           const std::vector<byte_vector>& shown) {
  if (peers_ != peers::domain)
    return nullptr;
  const std::lock_guard lock(mutex_);
  return followed_.follow(peer, shown);
}

tl::expected<verified_node, refused_error>
tls_context::verify_still(const std::vector<byte_vector>& shown, const followed_nodes::handle& whom,
                          bool in_domain) {
  if (!whom)
    return verify_peer(shown);
  std::unique_lock lock(mutex_);
  auto out = credentials_.trusted.verify(shown, now());
  if (const auto& since = followed_nodes::shown_by(*whom); since != shown) {
    auto newer = credentials_.trusted.verify(since, now());
    if (!out || (newer && newer->valid_until > out->valid_until))
      out = std::move(newer);
  }
  if (!out)
    ++refusals_[std::string{to_string(out.error().reason)}];
  lock.unlock();
  if (out && in_domain && !is_of_domain(out->id))
    return no_stranger(out->id);
  return out;
}

tl::expected<verified_node, refused_error>
tls_context::verify_peer(const std::vector<byte_vector>& shown) {
  if (peers_ == peers::domain)
    return verify_domain(shown);
  const std::lock_guard lock(mutex_);
  return credentials_.trusted.verify_root(shown, now());
}

void tls_context::count_refusal(refusal reason) {
  const std::lock_guard lock(mutex_);
  ++refusals_[std::string{to_string(reason)}];
}

std::map<std::string, std::uint64_t> tls_context::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

} // namespace dci
