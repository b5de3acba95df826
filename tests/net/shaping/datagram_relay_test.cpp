// Datagrams through a relay.
#include "net/shaping/datagram_relay.hpp"

#include <condition_variable>
#include <mutex>

#include <doctest/doctest.h>

#include "net/datagram/datagram_port.hpp"
#include "net/endpoint.hpp"
#include "net/free_port.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

address free_address() {
  return {"127.0.0.1", free_loopback_port().value()};
}

struct mailbox {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<received_datagram> came;
  std::unique_ptr<datagram_port> port; // last: its thread uses the others

  explicit mailbox(const address& where = {"127.0.0.1", 0}) {
    port = datagram_port::open(where, [this](received_datagram one) {
             const std::lock_guard lock(mutex);
             came.push_back(std::move(one));
             changed.notify_all();
           }).value();
  }
  std::vector<received_datagram> wait(std::size_t count, std::chrono::milliseconds longest = 20s) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, longest, [&] { return came.size() >= count; });
    return came;
  }
};

} // namespace

TEST_CASE("a datagram goes there and its answer back, each as late as is said") {
  const auto target = free_address(), front = free_address();
  mailbox node(target), a, b;
  const link_conditions far{40, 0, 0, 0, false};
  const auto relay =
      datagram_relay::start(front, target, {5, 0, 0, 0, false}, {{b.port->where(), far}});
  REQUIRE_MESSAGE(relay, (relay ? "" : relay.error().message));
  const auto way = resolve(front).value();
  const auto there_and_back = [&](mailbox& from, std::uint8_t word) {
    const auto start = std::chrono::steady_clock::now();
    const auto before = node.wait(0).size();
    CHECK(from.port->send(way, {word}));
    const auto heard = node.wait(before + 1);
    REQUIRE(heard.size() == before + 1);
    CHECK(heard.back().bytes == std::vector<std::uint8_t>{word});
    CHECK(node.port->send(heard.back().from, {word, word}));
    const auto answer = from.wait(1);
    REQUIRE(answer.size() == 1);
    CHECK(answer[0].from == way);
    CHECK(answer[0].bytes == std::vector<std::uint8_t>{word, word});
    return answer[0].at - start;
  };
  CHECK(there_and_back(a, 1) >= 10ms);
  CHECK(there_and_back(b, 2) >= 80ms);
}

TEST_CASE("conditions change while it runs; what cannot be is refused by name") {
  const auto target = free_address(), front = free_address();
  mailbox node(target), a;
  const auto relay = datagram_relay::start(front, target, {0, 0, 0, 0, true}, {});
  REQUIRE(relay);
  const auto way = resolve(front).value();
  CHECK(a.port->send(way, {1}));
  CHECK(node.wait(1, 100ms).empty());
  REQUIRE((*relay)->set({}, {}));
  CHECK(a.port->send(way, {2}));
  CHECK(node.wait(1).at(0).bytes == std::vector<std::uint8_t>{2});
  const auto wrong = (*relay)->set({}, {{a.port->where(), {0, 0, 0, 7, false}}});
  REQUIRE(!wrong);
  CHECK(wrong.error().message.find("loss") != std::string::npos);
  CHECK(wrong.error().message.find(to_string(a.port->where())) != std::string::npos);
  CHECK(datagram_relay::start(front, target, {}, {}).error().code == errc::unreachable);
}

TEST_CASE("more senders than it has sockets for push out those who were silent longest") {
  const auto target = free_address(), front = free_address();
  mailbox node(target);
  const auto relay = datagram_relay::start(front, target, {}, {});
  REQUIRE(relay);
  const auto way = resolve(front).value();
  for (std::size_t i = 0; i < datagram_relay::most_senders + 20; ++i) {
    mailbox one;
    CHECK(one.port->send(way, {1}));
    REQUIRE(node.wait(i + 1).size() == i + 1);
  }
}
