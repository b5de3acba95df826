#include "apps/dci-bench/socket_ring.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace dci {
namespace {

constexpr std::chrono::milliseconds retry_pause{20};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

tl::unexpected<error> failed(const char* what, std::uint16_t port) {
  return fail(errc::unreachable,
              std::string(what) + " port " + std::to_string(port) + ": " + std::strerror(errno));
}

} // namespace

expected<std::unique_ptr<socket_ring>> socket_ring::listen(std::uint16_t port) {
  std::unique_ptr<socket_ring> out(new socket_ring);
  out->listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(out->listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const auto own = loopback(port);
  if (bind(out->listener_, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0 ||
      ::listen(out->listener_, 1) != 0)
    return failed("cannot listen on", port);
  return out;
}

socket_ring::~socket_ring() {
  for (const int fd : {listener_, from_, to_})
    if (fd >= 0)
      close(fd);
}

result socket_ring::join(std::uint16_t next, std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  const auto there = loopback(next);
  while (true) {
    to_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(to_, reinterpret_cast<const sockaddr*>(&there), sizeof(there)) == 0)
      break;
    close(std::exchange(to_, -1));
    if (std::chrono::steady_clock::now() > deadline)
      return failed("cannot connect to", next);
    std::this_thread::sleep_for(retry_pause);
  }
  const timeval longest{static_cast<time_t>(wait.count() / 1000), 0};
  setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  from_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (from_ < 0)
    return failed("nobody connected to us; next is", next);
  send_at_once(to_);
  return {};
}

bool socket_ring::send(std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto count = ::send(to_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool socket_ring::receive(std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto count = recv(from_, bytes.data(), bytes.size(), 0);
    if (count <= 0)
      return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace dci
