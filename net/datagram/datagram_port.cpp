#include "net/datagram/datagram_port.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "net/datagram/datagram.hpp"

namespace dci {
namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4(const endpoint& e) {
  return std::equal(mapped.begin(), mapped.end(), e.ip.begin());
}

endpoint from_system(const sockaddr_storage& in) {
  endpoint out;
  if (in.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(in);
    std::ranges::copy(mapped, out.ip.begin());
    std::memcpy(out.ip.data() + mapped.size(), &v4.sin_addr, 4);
    out.port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(in);
    std::memcpy(out.ip.data(), &v6.sin6_addr, out.ip.size());
    out.port = ntohs(v6.sin6_port);
  }
  return out;
}

// For a socket of IPv6, or of IPv4. Returns its length; 0 where that cannot be.
socklen_t to_system(const endpoint& e, bool v6, sockaddr_storage& out) {
  out = {};
  if (v6) {
    auto& to = reinterpret_cast<sockaddr_in6&>(out);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(e.port);
    std::memcpy(&to.sin6_addr, e.ip.data(), e.ip.size());
    return sizeof(to);
  }
  if (!is_v4(e))
    return 0;
  auto& to = reinterpret_cast<sockaddr_in&>(out);
  to.sin_family = AF_INET;
  to.sin_port = htons(e.port);
  std::memcpy(&to.sin_addr, e.ip.data() + mapped.size(), 4);
  return sizeof(to);
}

error system_error(const std::string& what) {
  return {errc::unreachable, what + ": " + std::strerror(errno)};
}

} // namespace

std::string to_string(const endpoint& e) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_v4(e);
  inet_ntop(v4 ? AF_INET : AF_INET6, e.ip.data() + (v4 ? mapped.size() : 0), text.data(),
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

expected<std::unique_ptr<datagram_port>> datagram_port::open(const address& listen,
                                                             reader on_arrival) {
  DCI_ASSIGN(auto where, resolve(listen));
  const bool v6 = !is_v4(where);
  descriptor socket{
      ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  descriptor stop{eventfd(0, EFD_CLOEXEC)};
  if (socket.get() < 0 || stop.get() < 0)
    return fail(system_error("cannot make a UDP socket"));
  sockaddr_storage own{};
  const auto size = to_system(where, v6, own);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), size) != 0)
    return fail(system_error("cannot listen on udp " + to_string(listen)));
  return std::unique_ptr<datagram_port>(
      new datagram_port(std::move(socket), std::move(stop), where, v6, std::move(on_arrival)));
}

datagram_port::datagram_port(descriptor socket, descriptor stop, endpoint where, bool v6,
                             reader on_arrival)
    : socket_(std::move(socket)), stop_(std::move(stop)), where_(where), v6_(v6),
      on_arrival_(std::move(on_arrival)), thread_([this] { serve(); }) {
}

datagram_port::~datagram_port() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

bool datagram_port::send(const endpoint& to, const std::vector<std::uint8_t>& bytes) {
  sockaddr_storage there{};
  const auto size = to_system(to, v6_, there);
  return size > 0 && sendto(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                            reinterpret_cast<const sockaddr*>(&there),
                            size) == static_cast<ssize_t>(bytes.size());
}

// So many at a time that a flood cannot keep the thread from being stopped.
void datagram_port::read_all() {
  std::array<std::uint8_t, most_datagram_bytes> buffer;
  for (int i = 0; i < 256; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof(from);
    const auto count = recvfrom(socket_.get(), buffer.data(), buffer.size(), MSG_TRUNC,
                                reinterpret_cast<sockaddr*>(&from), &length);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return;
    if (count < 0) // what an earlier datagram met on its way: nothing of ours is lost
      continue;
    if (static_cast<std::size_t>(count) > buffer.size())
      ++dropped_;
    else
      on_arrival_({from_system(from),
                   std::chrono::steady_clock::now(),
                   {buffer.begin(), buffer.begin() + count}});
  }
}

void datagram_port::serve() {
  std::array<pollfd, 2> both{pollfd{socket_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  while (true) {
    if (poll(both.data(), both.size(), -1) < 0 && errno != EINTR)
      return;
    if ((both[1].revents & POLLIN) != 0)
      return;
    if (both[0].revents != 0)
      read_all();
  }
}

} // namespace dci
