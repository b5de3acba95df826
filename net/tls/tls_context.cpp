#include "net/tls/tls_context.hpp"

#include <openssl/ssl.h>

#include "net/identity/openssl_ptr.hpp"

namespace dci {

int verify_shown(X509_STORE_CTX* shown, void*); // tls_session.cpp

void tls_context::free_context::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

wall_time tls_context::system_wall_time() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

tls_context::tls_context(tls_credentials credentials, peers whom, wall_clock clock)
    : credentials_(std::move(credentials)), peers_(whom), clock_(std::move(clock)) {
}

expected<std::shared_ptr<tls_context>> tls_context::made(tls_credentials credentials, peers whom,
                                                         wall_clock clock) {
  std::shared_ptr<tls_context> out(new tls_context(std::move(credentials), whom, std::move(clock)));
  DCI_TRY(out->prepare());
  return out;
}

expected<std::shared_ptr<tls_context>> tls_context::open(tls_credentials credentials,
                                                         wall_clock clock) {
  if (credentials.certificates.empty())
    return fail(errc::bad_config, "a node without certificates cannot use TLS");
  for (const auto& one : credentials.certificates)
    if (one.key != credentials.key->public_half())
      return fail(errc::bad_config,
                  "the certificate of node " + to_string(one.id) + " is not of this node's key");
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

bool tls_context::show_certificates() {
  auto* const c = context_.get();
  const auto& all = credentials_.certificates;
  if (all.empty())
    return true;
  bool fine = SSL_CTX_use_certificate(c, all.front().handle.get()) == 1 &&
              SSL_CTX_use_PrivateKey(c, credentials_.key->handle()) == 1;
  for (std::size_t i = 1; fine && i < all.size(); ++i)
    fine = SSL_CTX_add1_chain_cert(c, all[i].handle.get()) == 1;
  return fine;
}

result tls_context::prepare() {
  const clean_errors clean;
  context_.reset(SSL_CTX_new(TLS_method()));
  auto* const c = context_.get();
  if (c == nullptr || SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) != 1 || !show_certificates())
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
  return {};
}

std::vector<byte_vector> tls_context::shown() const {
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
  return out;
}

tl::expected<verified_node, refused_error>
tls_context::verify_domain(const std::vector<byte_vector>& shown) {
  auto out = verify(shown);
  if (!out || !credentials_.domain || credentials_.domain->contains(out->id))
    return out;
  count_refusal(refusal::stranger);
  return tl::unexpected(
      refused_error{{errc::refused, "node " + to_string(out->id) + " is none of this trust domain"},
                    refusal::stranger});
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
