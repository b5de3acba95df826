// Endpoints as the system's calls take them.
#pragma once

#include <string>

#include <sys/socket.h>

#include "net/endpoint.hpp"
#include "runtime/base/error.hpp"

namespace dci {

struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&bytes);
  }
  sockaddr* get() {
    return reinterpret_cast<sockaddr*>(&bytes);
  }
};

endpoint from_system(const sockaddr_storage& in);
/// For a socket of IPv6, or of IPv4. Its size is 0 where that cannot be.
socket_address to_system(const endpoint& e, bool v6);

/// unreachable: "WHAT: the reason in errno".
error system_error(const std::string& what);

} // namespace dci
