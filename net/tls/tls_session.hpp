// One TLS 1.3 connection on a socket that does not block. Both ends show certificates, unless the
// context says otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/tls/tls_context.hpp"

// OpenSSL's SSL; its headers stay out of this one.
struct ssl_st;

namespace dci {

enum class tls_role { dials, listens };
/// Why somebody dials: to talk; or only so that both ends show their newest certificates, which
/// keep the connections alive that they have already.
enum class tls_purpose { talks, shows };
/// What a call came to: it is done; or to be called again when the socket can be read, or written;
/// or nothing more can be done with the connection.
enum class tls_step { done, wait_to_read, wait_to_write, failed };

class tls_session {
 public:
  /// socket: must outlive it. purpose: of one who dials. Errors: internal.
  static expected<std::unique_ptr<tls_session>> on(std::shared_ptr<tls_context> context, int socket,
                                                   tls_role role,
                                                   tls_purpose purpose = tls_purpose::talks);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// Until it is done; then peer() is there. A dialler is done before the other side has looked at
  /// its certificates: whether they were accepted, its first read tells.
  tls_step handshake();
  /// At most `size` bytes; count: how many. An end of the other side fails.
  tls_step read(void* into, std::size_t size, std::size_t& count);
  tls_step write(const void* from, std::size_t size, std::size_t& count);
  /// Bytes that have come and can be read without the socket.
  std::size_t pending() const;

  /// Nothing of one who dials an authority: he is not asked.
  const std::optional<verified_node>& peer() const {
    return peer_;
  }
  /// What the dialler has said of his purpose, once the handshake is done.
  tls_purpose purpose() const;
  /// After failed: refused, peer_lost or bad_message.
  const error& why() const {
    return why_;
  }

 private:
  struct free_session {
    void operator()(ssl_st* session) const noexcept;
  };

  tls_session(std::shared_ptr<tls_context> context, std::unique_ptr<ssl_st, free_session> session,
              tls_role role);
  friend int judge_peer(tls_session& session, std::vector<byte_vector> shown);

  tls_step step_of(int outcome);
  tls_step fail_with(error why);
  bool still_holds();

  std::shared_ptr<tls_context> context_;
  std::unique_ptr<ssl_st, free_session> session_;
  tls_role role_;
  std::vector<byte_vector> shown_; ///< the peer's certificates
  followed_nodes::handle followed_;
  std::optional<verified_node> peer_;
  std::uint64_t generation_ = 0; ///< of the revocations it was judged by
  std::chrono::steady_clock::time_point next_look_{};
  bool established_ = false;
  std::optional<error> refused_; ///< by us
  error why_;
};

} // namespace dci
