// Real sockets through a relay.
#include "net/shaping/stream_relay.hpp"

#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace dci;
using namespace std::chrono_literals;

namespace {

const address any_port{"127.0.0.1", 0};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

/// Sends back what it is sent by one caller, until that one has said all.
struct echo {
  echo() : listener(socket(AF_INET, SOCK_STREAM, 0)) {
    auto own = loopback(0);
    socklen_t size = sizeof(own);
    REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&own), size) == 0);
    REQUIRE(listen(listener, 1) == 0);
    getsockname(listener, reinterpret_cast<sockaddr*>(&own), &size);
    where = {"127.0.0.1", ntohs(own.sin_port)};
    thread = std::thread([this] {
      const int fd = accept(listener, nullptr, nullptr);
      char bytes[4096];
      for (ssize_t n; (n = recv(fd, bytes, sizeof(bytes), 0)) > 0;)
        (void)!send(fd, bytes, static_cast<std::size_t>(n), MSG_NOSIGNAL);
      close(fd);
    });
  }
  ~echo() {
    shutdown(listener, SHUT_RDWR);
    thread.join();
    close(listener);
  }
  int listener;
  address where;
  std::thread thread;
};

int connected(const address& to) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const auto there = loopback(to.port);
  const timeval longest{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  REQUIRE(connect(fd, reinterpret_cast<const sockaddr*>(&there), sizeof(there)) == 0);
  return fd;
}

} // namespace

TEST_CASE("what goes through a relay comes out whole, in order, and late") {
  echo far;
  const auto slow = stream_relay::start(any_port, far.where, {30, 0, 0, 0, false});
  REQUIRE(slow);
  const int fd = connected((*slow)->where());
  std::string sent;
  for (int i = 0; i < 200000; ++i)
    sent += std::to_string(i);
  const auto start = std::chrono::steady_clock::now();
  std::thread sender([&] {
    for (std::size_t at = 0; at < sent.size();) {
      const auto n = send(fd, sent.data() + at, sent.size() - at, MSG_NOSIGNAL);
      if (n <= 0)
        break;
      at += static_cast<std::size_t>(n);
    }
    shutdown(fd, SHUT_WR);
  });
  std::string got;
  char bytes[65536];
  for (ssize_t n; (n = recv(fd, bytes, sizeof(bytes), 0)) > 0;) {
    if (got.empty())
      CHECK(std::chrono::steady_clock::now() - start >= 60ms);
    got.append(bytes, static_cast<std::size_t>(n));
  }
  sender.join();
  close(fd);
  CHECK(got == sent);
}

TEST_CASE("a relay ends with its connections") {
  echo far;
  auto slow = stream_relay::start(any_port, far.where, {1, 0, 0, 0, false});
  REQUIRE(slow);
  const int fd = connected((*slow)->where());
  CHECK(send(fd, "x", 1, MSG_NOSIGNAL) == 1);
  char byte = 0;
  CHECK(recv(fd, &byte, 1, 0) == 1);
  slow->reset();
  CHECK(recv(fd, &byte, 1, 0) <= 0);
  close(fd);
}

TEST_CASE("what a cut link holds comes when it is mended") {
  echo far;
  auto link = stream_relay::start(any_port, far.where, {});
  REQUIRE(link);
  const int fd = connected((*link)->where());
  char byte = 0;
  CHECK(send(fd, "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(recv(fd, &byte, 1, 0) == 1);
  REQUIRE((*link)->set({0, 0, 0, 0, true}));
  CHECK(send(fd, "y", 1, MSG_NOSIGNAL) == 1);
  const timeval moment{0, 200'000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment));
  CHECK(recv(fd, &byte, 1, 0) < 0);
  REQUIRE((*link)->set({}));
  const timeval longest{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  CHECK(recv(fd, &byte, 1, 0) == 1);
  CHECK(byte == 'y');
  close(fd);
  CHECK(!(*link)->set({-1, 0, 0, 0, false}));
}

TEST_CASE("a relay to nobody closes; one with an address or conditions that cannot be is refused") {
  const auto nobody = stream_relay::start(any_port, {"127.0.0.1", 1}, {});
  REQUIRE(nobody);
  const int fd = connected((*nobody)->where());
  char byte = 0;
  CHECK(recv(fd, &byte, 1, 0) <= 0);
  close(fd);
  CHECK(stream_relay::start(any_port, {"no-such-host.invalid", 80}, {}).error().code ==
        errc::unreachable);
  CHECK(stream_relay::start({"192.0.2.1", 80}, {"127.0.0.1", 1}, {}).error().code ==
        errc::unreachable);
  CHECK(stream_relay::start(any_port, {"127.0.0.1", 1}, {0, 0, 0, 2, false}).error().code ==
        errc::bad_config);
}
