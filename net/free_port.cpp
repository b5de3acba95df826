#include "net/free_port.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace dci {
namespace {

/// A TCP socket bound to a port of 127.0.0.1 that the kernel chose.
class bound_socket {
 public:
  bound_socket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(where);
    auto* generic = reinterpret_cast<sockaddr*>(&where);
    if (fd_ >= 0 && bind(fd_, generic, size) == 0 && getsockname(fd_, generic, &size) == 0)
      port_ = ntohs(where.sin_port);
    else
      errno_ = errno;
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
