// Datagrams over a real socket.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

#include "net/datagram/datagram.hpp"
#include "net/datagram/datagram_port.hpp"
#include "net/endpoint.hpp"

using namespace dci;

namespace {

// A port that waits for what comes.
struct mailbox {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<received_datagram> came;
  std::unique_ptr<datagram_port> port; // last: its thread uses the others

  explicit mailbox(const std::string& host = "127.0.0.1") {
    port = datagram_port::open({host, 0}, [this](received_datagram one) {
             const std::lock_guard lock(mutex);
             came.push_back(std::move(one));
             changed.notify_all();
           }).value();
  }
  std::vector<received_datagram> wait(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds{20}, [&] { return came.size() >= count; });
    return came;
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

TEST_CASE("what waits for the reader comes with the time at which it arrived") {
  mailbox a;
  std::mutex mutex;
  std::vector<std::chrono::steady_clock::time_point> times;
  const auto slow = datagram_port::open({"127.0.0.1", 0}, [&](const received_datagram& one) {
                      std::this_thread::sleep_for(std::chrono::milliseconds{200});
                      const std::lock_guard lock(mutex);
                      times.push_back(one.at);
                    }).value();
  // The kernel begins to stamp a little after it was asked to.
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i)
    CHECK(a.port->send(slow->where(), {1}));
  const auto after = std::chrono::steady_clock::now();
  const auto end = after + std::chrono::seconds{20};
  for (std::size_t count = 0; count < 3 && std::chrono::steady_clock::now() < end;) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    const std::lock_guard lock(mutex);
    count = times.size();
  }
  const std::lock_guard lock(mutex);
  REQUIRE(times.size() == 3);
  for (const auto& at : times) {
    CHECK(at > before - std::chrono::milliseconds{1});
    CHECK(at < after + std::chrono::milliseconds{100});
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

TEST_CASE("a port that is taken, and an address of another machine, are refused by name") {
  mailbox a;
  const address taken{"127.0.0.1", a.port->where().port};
  const auto again = datagram_port::open(taken, [](received_datagram) {});
  REQUIRE(!again);
  CHECK(again.error().message.find(to_string(taken)) != std::string::npos);
  CHECK(!datagram_port::open({"192.0.2.1", 4801}, [](received_datagram) {}));
  CHECK(resolve({"no-such-host.invalid", 1}).error().code == errc::unreachable);
  CHECK(to_string(resolve({"::1", 9}).value()) == "[::1]:9");
}
