#include "net/endpoint.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>

#include "net/socket_address.hpp"

namespace dci {

bool is_v4(const endpoint& e) {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), e.ip.begin());
}

std::string to_string(const endpoint& e) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_v4(e);
  inet_ntop(v4 ? AF_INET : AF_INET6, e.ip.data() + (v4 ? v4_prefix.size() : 0), text.data(),
            text.size());
  return to_string(address{text.data(), e.port});
}

expected<endpoint> resolve(const address& a) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(a.host.c_str(), nullptr, &hints, &found); code != 0)
    return fail(errc::unreachable, "cannot look up \"" + a.host + "\": " + gai_strerror(code));
  sockaddr_storage storage{};
  std::memcpy(&storage, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  auto out = from_system(storage);
  out.port = a.port;
  return out;
}

} // namespace dci
