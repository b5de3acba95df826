// Datagrams over a real socket.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

#include "net/datagram/datagram.hpp"
#include "net/datagram/datagram_port.hpp"
#include "net/free_port.hpp"

using namespace dci;

namespace {

// A port that waits for what comes.
struct mailbox {
  std::mutex mutex;
  std::condition_variable changed;
  int arrivals = 0;
  std::unique_ptr<datagram_port> port;

  explicit mailbox(const std::string& host = "127.0.0.1") {
    const auto free = free_loopback_port().value();
    port = datagram_port::open({host, free}, [this] {
             const std::lock_guard lock(mutex);
             ++arrivals;
             changed.notify_all();
           }).value();
  }
  std::vector<received_datagram> wait(std::size_t count) {
    std::vector<received_datagram> out;
    int heard = 0;
    while (out.size() < count) {
      std::unique_lock lock(mutex);
      if (!changed.wait_for(lock, std::chrono::seconds{20}, [&] { return arrivals > heard; }))
        break;
      heard = arrivals;
      lock.unlock();
      for (auto& one : port->take())
        out.push_back(std::move(one));
    }
    return out;
  }
};

} // namespace

TEST_CASE("what is sent comes, with where it came from") {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    mailbox a(host), b(host);
    CHECK(a.port->send(b.port->where(), {1, 2, 3}));
    CHECK(a.port->send(b.port->where(), {4}));
    const auto came = b.wait(2);
    REQUIRE(came.size() == 2);
    CHECK(came[0].bytes == std::vector<std::uint8_t>{1, 2, 3});
    CHECK(came[0].from == a.port->where());
  }
}

TEST_CASE("one that is too long is dropped and counted, and the next one comes") {
  mailbox a, b;
  CHECK(a.port->send(b.port->where(), std::vector<std::uint8_t>(most_datagram_bytes + 1)));
  CHECK(a.port->send(b.port->where(), std::vector<std::uint8_t>(most_datagram_bytes)));
  const auto came = b.wait(1);
  REQUIRE(came.size() == 1);
  CHECK(came[0].bytes.size() == most_datagram_bytes);
  CHECK(b.port->dropped() == 1);
}

TEST_CASE("a flood is dropped where nobody takes it") {
  mailbox a, b;
  // Beyond what waits they are counted, unless the system had dropped them before.
  for (std::size_t i = 0; i < 4 * datagram_port::most_waiting; ++i)
    a.port->send(b.port->where(), {1});
  CHECK(b.wait(1).size() <= datagram_port::most_waiting);
}

TEST_CASE("a port that is taken, and an address of another machine, are refused by name") {
  mailbox a;
  const address taken{"127.0.0.1", a.port->where().port};
  const auto again = datagram_port::open(taken, [] {});
  REQUIRE(!again);
  CHECK(again.error().message.find(to_string(taken)) != std::string::npos);
  CHECK(!datagram_port::open({"192.0.2.1", 4801}, [] {}));
  CHECK(resolve({"no-such-host.invalid", 1}).error().code == errc::unreachable);
  CHECK(to_string(resolve({"::1", 9}).value()) == "[::1]:9");
}
