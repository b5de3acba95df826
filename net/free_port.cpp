#include "net/free_port.hpp"

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/seed.hpp"

namespace dci {
namespace {

// Below those that Linux gives to outgoing connections and to whoever asks for any port: such a one
// is soon somebody else's.
constexpr std::uint16_t first_port = 10'000, behind_last_port = 32'768;
constexpr int most_tries = 1000;

std::uint16_t drawn_port() {
  thread_local std::minstd_rand draws(static_cast<std::uint32_t>(machine_seed()));
  return std::uniform_int_distribution<std::uint16_t>(first_port, behind_last_port - 1)(draws);
}

/// A TCP socket bound to a port of 127.0.0.1.
class bound_socket {
 public:
  bound_socket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    for (int i = 0; i < most_tries; ++i) {
      const auto port = drawn_port();
      if (take(port)) {
        port_ = port;
        errno_ = 0;
        return;
      }
      errno_ = errno;
      if (errno_ != EADDRINUSE)
        return;
    }
  }
  ~bound_socket() {
    if (fd_ >= 0)
      close(fd_);
  }
  bound_socket(bound_socket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), port_(other.port_), errno_(other.errno_) {
  }
  bound_socket(const bound_socket&) = delete;
  bound_socket& operator=(const bound_socket&) = delete;

  expected<std::uint16_t> port() const {
    if (errno_ != 0)
      return fail(errc::unreachable, std::string{"no free port on 127.0.0.1: "} +
                                         std::strerror(errno_) +
                                         "; close other programs or raise the limit (ulimit -n)");
    return port_;
  }

 private:
  bool take(std::uint16_t port) const {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(fd_, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0;
  }

  int fd_;
  std::uint16_t port_ = 0;
  int errno_ = 0;
};

} // namespace

expected<std::uint16_t> free_loopback_port() {
  return bound_socket{}.port();
}

expected<std::vector<std::uint16_t>> free_loopback_ports(std::size_t n) {
  std::vector<bound_socket> held;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < n; ++i) {
    DCI_ASSIGN(auto port, held.emplace_back().port());
    ports.push_back(port);
  }
  return ports;
}

} // namespace dci
