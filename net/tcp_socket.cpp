#include "net/tcp_socket.hpp"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net/socket_address.hpp"

namespace dci {
namespace {

void set(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof(value));
}

} // namespace

descriptor tcp_socket(const endpoint& where) {
  return descriptor(
      socket(is_v4(where) ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void send_at_once(int socket) {
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

void notice_silence(int socket) {
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

expected<descriptor> listen_tcp(const endpoint& where, int most_waiting, const std::string& what) {
  auto out = tcp_socket(where);
  const auto own = to_system(where, !is_v4(where));
  set(out.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (out.get() < 0 || bind(out.get(), own.get(), own.size) != 0 ||
      listen(out.get(), most_waiting) != 0)
    return fail(system_error(what + " cannot listen at " + to_string(where)));
  return out;
}

expected<endpoint> own_endpoint(int socket) {
  socket_address own;
  own.size = sizeof(own.bytes);
  if (getsockname(socket, own.get(), &own.size) != 0)
    return fail(system_error("a socket has no address"));
  return from_system(own.bytes);
}

descriptor accept_tcp(int listener, endpoint& from) {
  socket_address caller;
  caller.size = sizeof(caller.bytes);
  descriptor out(accept4(listener, caller.get(), &caller.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (out.get() >= 0) {
    from = from_system(caller.bytes);
    send_at_once(out.get());
  }
  return out;
}

descriptor begin_to_connect(const endpoint& to) {
  auto out = tcp_socket(to);
  const auto there = to_system(to, !is_v4(to));
  if (out.get() < 0)
    return out;
  send_at_once(out.get());
  if (connect(out.get(), there.get(), there.size) != 0 && errno != EINPROGRESS)
    return descriptor();
  return out;
}

} // namespace dci
