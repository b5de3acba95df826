#include "net/udp_socket.hpp"

#include <algorithm>
#include <cerrno>

#include <netinet/in.h>

#include "net/socket_address.hpp"

namespace dci {

expected<descriptor> open_udp(const endpoint& where, const std::string& what) {
  const bool v6 = !is_v4(where);
  descriptor out(socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto own = to_system(where, v6);
  if (out.get() < 0 || bind(out.get(), own.get(), own.size) != 0)
    return fail(system_error(what + " cannot listen on udp " + to_string(where)));
  return out;
}

void allow_fragments(int socket, bool v6) {
  const int value = v6 ? IPV6_PMTUDISC_DONT : IP_PMTUDISC_DONT;
  setsockopt(socket, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
             &value, sizeof(value));
}

std::optional<heard_datagram> udp_reader::next(int socket) {
  for (int tries = 0; tries < 4; ++tries) {
    socket_address from;
    from.size = sizeof(from.bytes);
    const auto count =
        recvfrom(socket, buffer_.data(), buffer_.size(), MSG_TRUNC, from.get(), &from.size);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return {};
    if (count < 0) // what an earlier datagram met on its way
      continue;
    const auto size = static_cast<std::size_t>(count);
    return heard_datagram{from_system(from.bytes),
                          byte_view(buffer_.data(), std::min(size, buffer_.size())),
                          size > buffer_.size()};
  }
  return {};
}

bool send_udp(int socket, bool v6, const endpoint& to, byte_view bytes) {
  const auto there = to_system(to, v6);
  return there.size > 0 && sendto(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                                  there.get(), there.size) == static_cast<ssize_t>(bytes.size());
}

} // namespace dci
