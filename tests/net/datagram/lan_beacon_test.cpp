// Nodes that find one another by multicast, on the loopback network.
#include "net/datagram/lan_beacon.hpp"

#include <condition_variable>
#include <mutex>
#include <set>

#include <doctest/doctest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "net/free_port.hpp"
#include "net/socket_address.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

endpoint at(std::uint16_t port) {
  return resolve({"127.0.0.1", port}).value();
}

struct node {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<endpoint> heard;
  std::unique_ptr<lan_beacon> beacon; // last: its thread uses the others

  node(const address& group, const endpoint& own) {
    auto made = lan_beacon::open(group, own, [this](const endpoint& who) {
      const std::lock_guard lock(mutex);
      heard.insert(who);
      changed.notify_all();
    });
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    beacon = std::move(*made);
  }
  bool hears(const endpoint& who) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 20s, [&] { return heard.contains(who); });
  }
};

} // namespace

TEST_CASE("nodes of one network hear of one another, and not of themselves") {
  const address group{"239.255.68.67", free_loopback_port().value()};
  node a(group, at(1001)), b(group, at(1002));
  CHECK(a.hears(at(1002)));
  CHECK(b.hears(at(1001)));
  node late(group, at(1003));
  CHECK(late.hears(at(1001)));
  CHECK(late.hears(at(1002)));
  CHECK(a.hears(at(1003)));
  CHECK(b.hears(at(1003)));
  for (auto* one : {&a, &b, &late}) {
    const std::lock_guard lock(one->mutex);
    CHECK(one->heard.size() == 2);
  }
}

TEST_CASE("a beacon that names another machine, or is none, is not heard") {
  const address group{"239.255.68.67", free_loopback_port().value()};
  node a(group, at(1001));
  const descriptor liar(socket(AF_INET, SOCK_DGRAM, 0));
  const auto own = to_system(at(0), false), to = to_system(resolve(group).value(), false);
  REQUIRE(bind(liar.get(), own.get(), own.size) == 0);
  const auto say = [&](const byte_vector& bytes) {
    // Whatever it is bound to, it goes out by the loopback network.
    const in_addr by{htonl(INADDR_LOOPBACK)};
    REQUIRE(setsockopt(liar.get(), IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by)) == 0);
    REQUIRE(sendto(liar.get(), bytes.data(), bytes.size(), 0, to.get(), to.size) ==
            static_cast<ssize_t>(bytes.size()));
  };
  say(pack_beacon(resolve({"192.0.2.1", 53}).value()));
  say({1, 2, 3});
  say(byte_vector(1000, 'D'));
  say(pack_beacon(at(1005)));
  CHECK(a.hears(at(1005))); // after the others
  const std::lock_guard lock(a.mutex);
  CHECK(a.heard.size() == 1);
}

TEST_CASE("beacons come back as they were, and nothing else is one") {
  const auto bytes = pack_beacon(at(4801));
  CHECK(unpack_beacon(bytes).value() == at(4801));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(unpack_beacon(byte_view(bytes).first(size)));
  auto other = bytes;
  other[4] = 2;
  CHECK_FALSE(unpack_beacon(other));
  CHECK_FALSE(unpack_beacon(pack_beacon(at(0))));
}

TEST_CASE("what is no multicast group is refused") {
  const auto made = lan_beacon::open({"127.0.0.1", 4805}, at(1), [](const endpoint&) {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == errc::bad_config);
  const auto v6 = lan_beacon::open({"239.255.68.67", 4805}, resolve({"::1", 1}).value(),
                                   [](const endpoint&) {});
  REQUIRE_FALSE(v6);
  CHECK(v6.error().code == errc::unsupported);
}
