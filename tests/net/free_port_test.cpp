#include "net/free_port.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace dci;

namespace {

/// Whether a socket can listen on 127.0.0.1:port.
bool can_listen(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool done =
      bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0 && listen(fd, 1) == 0;
  close(fd);
  return done;
}

} // namespace

TEST_CASE("a free port can be listened on") {
  const auto port = free_loopback_port();
  REQUIRE_MESSAGE(port.has_value(), port.error().message);
  CHECK(*port >= 10'000);
  CHECK(*port < 32'768); // the kernel gives it to nobody by itself
  CHECK(can_listen(*port));
}

TEST_CASE("several ports are all different and all free again") {
  const auto ports = free_loopback_ports(64);
  REQUIRE_MESSAGE(ports.has_value(), ports.error().message);
  CHECK(ports->size() == 64);
  CHECK(std::set<std::uint16_t>(ports->begin(), ports->end()).size() == 64);
  CHECK(std::all_of(ports->begin(), ports->end(), can_listen));
  CHECK(free_loopback_ports(0)->empty());
}

TEST_CASE("more ports than file descriptors is an error") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{64, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  const auto ports = free_loopback_ports(100);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE_FALSE(ports.has_value());
  CHECK(ports.error().code == errc::unreachable);
  CHECK(ports.error().message.find("ulimit -n") != std::string::npos);
  // Those it had bound are closed.
  CHECK(free_loopback_port().has_value());
}
