// Two probers over real sockets, and a relay that makes the way between them narrow.
#include <doctest/doctest.h>

#include <thread>

#include "actors/proximity_prober/service.hpp"
#include "net/free_port.hpp"
#include "net/shaping/datagram_relay.hpp"
#include "runtime/base/turns.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<node_link> open_link(const address& listen, const address& advertise) {
  const auto key = std::make_shared<const node_key>(node_key::generate().value());
  return node_link::open(listen, advertise, {key, nullptr}).value();
}

// b is reached through the relay, a as it is.
struct two_nodes {
  explicit two_nodes(double mbit)
      : relay(datagram_relay::start(front, behind, {.latency_ms = 2, .mbit_per_s = mbit}, {})
                  .value()) {
    settings.budget = 1'000'000;
    settings.train_every = 3s;
    prober_a->machine().add(b->self());
    prober_b->machine().add(a->self());
  }

  static std::optional<link_bandwidth> seen_by(const prober_service& one) {
    return one.machine().links().at(0).bandwidth;
  }
  // Until each has had reports of three trains.
  bool measure() {
    const auto end = std::chrono::steady_clock::now() + 20s;
    const auto is_done = [](const prober_service& one) {
      const auto value = seen_by(one);
      return value && value->trains >= 3;
    };
    while (!is_done(*prober_a) || !is_done(*prober_b)) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      prober_a->turn();
      prober_b->turn();
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  std::vector<std::uint16_t> ports = free_loopback_ports(3).value();
  address own{"127.0.0.1", ports[0]}, behind{"127.0.0.1", ports[1]}, front{"127.0.0.1", ports[2]};
  std::unique_ptr<datagram_relay> relay;
  std::shared_ptr<node_link> a = open_link(own, own), b = open_link(behind, front);
  prober_settings settings;
  std::unique_ptr<prober_service> prober_a = prober_service::start(settings, a, [] {}).value(),
                                  prober_b = prober_service::start(settings, b, [] {}).value();
};

} // namespace

TEST_CASE("a narrow link's bandwidth is found on a real network, and a wide one is at least wide") {
  for (const double mbit : {2.0, 20.0}) {
    CAPTURE(mbit);
    two_nodes both(mbit);
    REQUIRE(both.measure());
    const auto narrow = two_nodes::seen_by(*both.prober_a);
    MESSAGE(mbit << " Mbit/s: " << narrow->estimate.mbit_per_s << ", confidence "
                 << narrow->confidence);
    CHECK(narrow->estimate.mbit_per_s > mbit / 2);
    CHECK(narrow->estimate.mbit_per_s < mbit * 2);
    CHECK(!narrow->estimate.at_least);
    const auto wide = two_nodes::seen_by(*both.prober_b);
    CHECK(wide->estimate.at_least);
    CHECK(both.a->figures().refused.empty());
    CHECK(both.b->figures().refused.empty());
  }
}
