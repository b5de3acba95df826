// TLS connections whose handshake is done: nothing else reaches those who use them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/tls/tls_session.hpp"

namespace dci {

/// The socket does not block.
struct tls_link {
  descriptor socket;
  std::unique_ptr<tls_session> session; // before the socket goes
  std::string peer_address;
};

/// Connects, shakes hands, and waits until the other side has let it in: a dialler's own handshake
/// is done before its certificates were looked at. give_up: a descriptor that can be read when
/// nobody waits for it any more. Errors: unreachable, timed_out, cancelled, and those of
/// tls_session.
expected<tls_link> tls_dial(const std::shared_ptr<tls_context>& context, const address& to,
                            std::chrono::milliseconds longest, int give_up = -1);

/// Lets callers in, each within a few seconds and few at a time, so that strangers cost little.
class tls_listener {
 public:
  static constexpr std::size_t most_handshakes = 64;
  static constexpr std::chrono::seconds longest_handshake{5};

  /// listen: with port 0, a free one. on_link: called on the listener's thread. Errors:
  /// unreachable.
  static expected<std::unique_ptr<tls_listener>> open(std::shared_ptr<tls_context> context,
                                                      const address& listen,
                                                      std::function<void(tls_link)> on_link);
  /// No call of on_link is under way or comes afterwards.
  ~tls_listener();
  tls_listener(const tls_listener&) = delete;
  tls_listener& operator=(const tls_listener&) = delete;

  const address& where() const {
    return where_;
  }

 private:
  struct caller;
  tls_listener(std::shared_ptr<tls_context> context, descriptor socket, descriptor stop,
               address where, std::function<void(tls_link)> on_link);
  void serve();
  bool is_over(caller& one);
  void let_in(tls_link link);
  void refuse(const tls_link& link);
  void accept_one();

  std::shared_ptr<tls_context> context_;
  descriptor socket_, stop_;
  address where_;
  std::function<void(tls_link)> on_link_;
  std::vector<caller> callers_;
  std::chrono::steady_clock::time_point next_warning_{};
  std::thread thread_; // last: it uses the others
};

} // namespace dci
