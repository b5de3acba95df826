// Nodes that write to one another, and strangers who try.
#include <doctest/doctest.h>

#include <condition_variable>

#include "net/datagram/node_link.hpp"
#include "net/free_port.hpp"

using namespace dci;

namespace {

std::shared_ptr<const node_key> new_key() {
  return std::make_shared<const node_key>(node_key::generate().value());
}

constexpr auto channel = datagram_channel::membership;

struct listener {
  std::mutex mutex;
  std::condition_variable changed;
  int arrivals = 0;
  address where{"127.0.0.1", free_loopback_port().value()};
  std::shared_ptr<node_link> link = node_link::open(where, where, {new_key(), nullptr}).value();

  void serve() {
    REQUIRE(link->serve(channel, [this] {
      const std::lock_guard lock(mutex);
      ++arrivals;
      changed.notify_all();
    }));
  }
  template <class Done>
  bool until(Done&& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    std::unique_lock lock(mutex);
    while (!done())
      if (std::chrono::steady_clock::now() > end)
        return false;
      else
        changed.wait_for(lock, std::chrono::milliseconds{10});
    return true;
  }
};

} // namespace

TEST_CASE("a payload comes with its sender, on its channel, when it is taken") {
  listener a, b;
  b.serve();
  const byte_vector words{1, 2, 3};
  a.link->send(b.link->self(), channel, words);
  a.link->send({{}, b.link->self().where}, channel, words); // its id is not known
  std::vector<arrival> came;
  CHECK(b.until([&] {
    for (auto& one : b.link->take(channel))
      came.push_back(std::move(one));
    return came.size() == 2;
  }));
  for (const auto& one : came) {
    CHECK(one.from == a.link->self());
    CHECK(one.payload == words);
  }
  CHECK(b.link->figures().received == 2);
  CHECK(a.link->figures().sent == 2);
  CHECK(b.link->figures().refused.empty());
}

TEST_CASE("a train comes whole and in order, and its time is told without that of its seals") {
  listener a, b;
  b.serve();
  std::vector<byte_vector> train;
  std::vector<byte_view> views;
  for (std::uint8_t i = 0; i < 32; ++i)
    train.push_back(byte_vector(1300, i));
  for (const auto& one : train)
    views.push_back(one);
  const auto begin = std::chrono::steady_clock::now();
  const auto took = a.link->send_train(b.link->self(), channel, views);
  CHECK(took > took.zero());
  CHECK(took < std::chrono::steady_clock::now() - begin);
  std::vector<arrival> came;
  CHECK(b.until([&] {
    for (auto& one : b.link->take(channel))
      came.push_back(std::move(one));
    return came.size() == train.size();
  }));
  for (std::size_t i = 0; i < came.size(); ++i)
    CHECK(came[i].payload == train[i]);
  CHECK(a.link->figures().sent == train.size());
}

TEST_CASE("what is damaged, forged, meant for others, sent again or read by nobody is counted") {
  listener b;
  b.serve();
  const auto key = node_key::generate().value();
  const auto port =
      datagram_port::open({"127.0.0.1", free_loopback_port().value()}, [](received_datagram) {
      }).value();
  const auto send = [&](std::vector<std::uint8_t> bytes) {
    REQUIRE(port->send(b.link->self().where, bytes));
  };
  const auto sealed = [&](const node_id& to, std::uint64_t counter, datagram_channel where) {
    return seal_datagram(key, to, where, counter, byte_vector{5}).value();
  };
  send({1, 2, 3});
  send(sealed(key.id(), 1, channel));
  auto damaged = sealed(b.link->self().id, 2, channel);
  damaged.back() ^= 1;
  send(damaged);
  send(sealed(b.link->self().id, 3, channel));
  send(sealed(b.link->self().id, 3, channel));
  send(sealed(b.link->self().id, 4, datagram_channel::proximity));
  CHECK(b.until([&] { return b.link->figures().received == 6; }));
  CHECK(b.until([&] { return b.link->figures().refused.size() == 4; }));
  auto refused = b.link->figures().refused;
  CHECK(refused["not one of our datagrams"] == 1);
  CHECK(refused["a datagram is signed by somebody else or meant for another node"] == 2);
  CHECK(refused["a datagram came before"] == 1);
  CHECK(refused["a datagram for a channel that nobody reads"] == 1);
  CHECK(b.link->take(channel).size() == 1);
}

TEST_CASE("a reader who does not come costs no more than his inbox holds") {
  listener a, b;
  b.serve();
  for (std::size_t i = 0; i < node_link::most_waiting + 200; ++i) {
    a.link->send(b.link->self(), channel, byte_vector{1});
    // So that the system drops none.
    if (i % 100 == 99)
      REQUIRE(b.until([&] { return b.link->figures().received == i + 1; }));
  }
  CHECK(b.until([&] { return b.link->figures().received == node_link::most_waiting + 200; }));
  CHECK(
      b.until([&] { return b.link->figures().refused["a channel's reader is too slow"] == 200; }));
  CHECK(b.arrivals == 1);
  CHECK(b.link->take(channel).size() == node_link::most_waiting);
}

TEST_CASE("a channel has one reader, and a link one machine") {
  listener a;
  a.serve();
  CHECK(a.link->serve(channel, [] {}).error().code == errc::already_exists);
  a.link->stop_serving(channel);
  CHECK(a.link->serve(channel, [] {}));
  const auto open = node_link::open({"0.0.0.0", 4801}, {"0.0.0.0", 4801}, {new_key(), nullptr});
  REQUIRE(!open);
  CHECK(open.error().code == errc::unsupported);
  CHECK(open.error().message.find("loopback") != std::string::npos);
}
