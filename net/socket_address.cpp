#include "net/socket_address.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>

namespace dci {
endpoint from_system(const sockaddr_storage& in) {
  endpoint out;
  if (in.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(in);
    std::ranges::copy(v4_prefix, out.ip.begin());
    std::memcpy(out.ip.data() + v4_prefix.size(), &v4.sin_addr, 4);
    out.port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(in);
    std::memcpy(out.ip.data(), &v6.sin6_addr, out.ip.size());
    out.port = ntohs(v6.sin6_port);
  }
  return out;
}

socket_address to_system(const endpoint& e, bool v6) {
  socket_address out;
  if (v6) {
    auto& to = reinterpret_cast<sockaddr_in6&>(out.bytes);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(e.port);
    std::memcpy(&to.sin6_addr, e.ip.data(), e.ip.size());
    out.size = sizeof(to);
  } else if (is_v4(e)) {
    auto& to = reinterpret_cast<sockaddr_in&>(out.bytes);
    to.sin_family = AF_INET;
    to.sin_port = htons(e.port);
    std::memcpy(&to.sin_addr, e.ip.data() + v4_prefix.size(), 4);
    out.size = sizeof(to);
  }
  return out;
}

error system_error(const std::string& what) {
  return {errc::unreachable, what + ": " + std::strerror(errno)};
}

} // namespace dci
