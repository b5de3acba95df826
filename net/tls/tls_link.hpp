// TLS connections whose handshake is done: nothing else reaches those who use them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/tls/tls_session.hpp"
#include "runtime/base/log_limit.hpp"

namespace dci {

/// The socket does not block.
struct tls_link {
  descriptor socket;
  std::unique_ptr<tls_session> session; // before the socket goes
  std::string peer_address;
  std::shared_ptr<const void> looked_after; ///< as tls_refresher's; may be null
};

/// How long to wait at most, and a descriptor that can be read when it is not to wait any more.
struct tls_patience {
  std::chrono::milliseconds longest;
  int stop;

  template <class Number, class Unit>
  tls_patience(std::chrono::duration<Number, Unit> time, int stops = -1)
      : longest(time), stop(stops) {
  }
};

/// Connects, shakes hands, and waits until the other side has let it in: a dialler's own handshake
/// is done before its certificates were looked at. Errors: unreachable, timed_out, cancelled, and
/// those of tls_session.
expected<tls_link> tls_dial(const std::shared_ptr<tls_context>& context, const address& to,
                            tls_patience patience, tls_purpose purpose = tls_purpose::talks);

/// Until the socket can be read or written (events as poll's). Errors: timed_out, cancelled; who:
/// for the message.
result wait_for_socket(int socket, short events, std::chrono::steady_clock::time_point end,
                       int stop, const std::string& who);

/// Lets callers in, each within a few seconds and few at a time, so that strangers cost little. Of
/// those who only show their certificates nobody else hears.
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
  log_limit warnings_;
  std::thread thread_; // last: it uses the others
};

} // namespace dci
