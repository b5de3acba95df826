#include "net/tls/tls_session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/ssl.h>

#include "net/tls/socket_bio.hpp"

namespace dci {
namespace {

// A live connection's certificates are looked at so often at most.
constexpr std::chrono::milliseconds between_looks{250};

// A name of no machine: who dials asks for it to say his purpose.
constexpr auto shows_only = "shows.dci.invalid";

// What the peer is told.
int alert_of(refusal reason) {
  switch (reason) {
    case refusal::expired:
      return X509_V_ERR_CERT_HAS_EXPIRED;
    case refusal::not_yet_valid:
      return X509_V_ERR_CERT_NOT_YET_VALID;
    case refusal::revoked:
      return X509_V_ERR_CERT_REVOKED;
    case refusal::unknown_authority:
    case refusal::too_few:
      return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
    default:
      return X509_V_ERR_CERT_REJECTED;
  }
}

std::vector<byte_vector> der_of(STACK_OF(X509) * all) {
  std::vector<byte_vector> out;
  for (int i = 0; i < sk_X509_num(all); ++i) {
    auto* const one = sk_X509_value(all, i);
    const int size = i2d_X509(one, nullptr);
    auto& bytes = out.emplace_back(static_cast<std::size_t>(std::max(size, 0)));
    auto* place = bytes.data();
    if (size > 0)
      i2d_X509(one, &place);
  }
  return out;
}

} // namespace

int judge_peer(tls_session& session, std::vector<byte_vector> shown) {
  auto judged = session.context_->verify_peer(shown);
  if (!judged) {
    session.refused_ = judged.error();
    return alert_of(judged.error().reason);
  }
  session.followed_ = session.context_->follow(*judged, shown);
  session.peer_ = std::move(*judged);
  session.shown_ = std::move(shown);
  return X509_V_OK;
}

// Given to OpenSSL by tls_context, instead of its own judgement.
int verify_shown(X509_STORE_CTX* shown, void*) {
  auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(shown, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const session = static_cast<tls_session*>(SSL_get_app_data(ssl));
  const int said = judge_peer(*session, der_of(X509_STORE_CTX_get0_untrusted(shown)));
  X509_STORE_CTX_set_error(shown, said);
  return said == X509_V_OK ? 1 : 0;
}

void tls_session::free_session::operator()(ssl_st* session) const noexcept {
  SSL_free(session);
}

expected<std::unique_ptr<tls_session>> tls_session::on(std::shared_ptr<tls_context> context,
                                                       int socket, tls_role role,
                                                       tls_purpose purpose) {
  const clean_errors clean;
  std::unique_ptr<ssl_st, free_session> made(SSL_new(context->handle().get()));
  auto bio = socket_bio(socket);
  if (!made || !bio ||
      (purpose == tls_purpose::shows && SSL_set_tlsext_host_name(made.get(), shows_only) != 1))
    return fail_openssl("cannot begin a TLS session");
  SSL_set_bio(made.get(), bio.get(), bio.get());
  static_cast<void>(bio.release()); // the session's now
  role == tls_role::dials ? SSL_set_connect_state(made.get()) : SSL_set_accept_state(made.get());
  std::unique_ptr<tls_session> out(new tls_session(std::move(context), std::move(made), role));
  SSL_set_app_data(out->session_.get(), out.get());
  return out;
}

tls_session::tls_session(std::shared_ptr<tls_context> context,
                         std::unique_ptr<ssl_st, free_session> session, tls_role role)
    : context_(std::move(context)), session_(std::move(session)), role_(role),
      generation_(context_->generation()) {
}

tls_session::~tls_session() {
  const clean_errors clean;
  if (established_ && why_.message.empty())
    SSL_shutdown(session_.get()); // says good-bye if there is room, and does not wait
}

tls_step tls_session::handshake() {
  const clean_errors clean;
  errno = 0;
  const auto out = step_of(SSL_do_handshake(session_.get()));
  established_ = out == tls_step::done;
  return out;
}

tls_step tls_session::read(void* into, std::size_t size, std::size_t& count) {
  count = 0;
  if (!still_holds())
    return tls_step::failed;
  const clean_errors clean;
  errno = 0;
  return step_of(SSL_read_ex(session_.get(), into, size, &count));
}

tls_step tls_session::write(const void* from, std::size_t size, std::size_t& count) {
  count = 0;
  if (!still_holds())
    return tls_step::failed;
  if (size == 0)
    return tls_step::done;
  const clean_errors clean;
  errno = 0;
  return step_of(SSL_write_ex(session_.get(), from, size, &count));
}

tls_purpose tls_session::purpose() const {
  const char* const name = SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr && std::string_view{name} == shows_only ? tls_purpose::shows
                                                                 : tls_purpose::talks;
}

std::size_t tls_session::pending() const {
  return static_cast<std::size_t>(std::max(0, SSL_pending(session_.get())));
}

tls_step tls_session::step_of(int outcome) {
  const int saved = errno;
  if (outcome == 1)
    return tls_step::done;
  switch (SSL_get_error(session_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
      return tls_step::wait_to_read;
    case SSL_ERROR_WANT_WRITE:
      return tls_step::wait_to_write;
    case SSL_ERROR_ZERO_RETURN:
      return fail_with({errc::peer_lost, "the peer has closed the connection"});
    case SSL_ERROR_SYSCALL:
      return fail_with(
          {errc::peer_lost, "the connection is lost" +
                                (saved == 0 ? "" : ": " + std::string{std::strerror(saved)})});
    default:
      break;
  }
  if (refused_)
    return fail_with(*std::exchange(refused_, {}));
  const auto reason = ERR_GET_REASON(ERR_peek_error());
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    context_->count_refusal(refusal::no_certificate);
    return fail_with(
        {errc::refused, "no_certificate: " + std::string{meaning(refusal::no_certificate)}});
  }
  // 1000 and the number of the alert that came.
  if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256)
    return fail_with({errc::refused,
                      "the peer refuses this node: " +
                          std::string{SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET)}});
  if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return fail_with({errc::peer_lost, "the peer has closed the connection"});
  context_->count_refusal(refusal::malformed);
  return fail_with({errc::bad_message, openssl_failure("what came is not TLS as we speak it")});
}

tls_step tls_session::fail_with(error why) {
  why_ = std::move(why);
  return tls_step::failed;
}

// Certificates end, are withdrawn, and are followed by newer ones, while connections live.
bool tls_session::still_holds() {
  if (!why_.message.empty())
    return false;
  if (established_ && context_->is_open_to_anybody())
    return true; // he was not asked
  if (!peer_) {
    fail_with({errc::internal, "a TLS session was used before its handshake was done"});
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_)
    return true;
  next_look_ = now + between_looks;
  const auto generation = context_->generation();
  if (generation == generation_ && context_->now() < peer_->valid_until)
    return true;
  generation_ = generation;
  if (auto judged = context_->verify_still(shown_, followed_); !judged) {
    fail_with(judged.error());
    return false;
  } else {
    peer_ = std::move(*judged);
  }
  return true;
}

} // namespace dci
