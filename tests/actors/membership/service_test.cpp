// Members with real keys on real sockets.
#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>

#include "actors/membership/service.hpp"
#include "net/datagram/datagram.hpp"
#include "net/free_port.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

node_time now() {
  return node_time(std::chrono::duration_cast<node_clock::duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

std::string free_address() {
  return "127.0.0.1:" + std::to_string(free_loopback_port().value());
}

// Everybody's turn comes when datagrams do, or it is time.
struct town {
  std::mutex mutex;
  std::condition_variable arrived;
  bool something_came = false;
  std::list<std::unique_ptr<membership_service>> nodes;

  membership_service& add(const std::vector<std::string>& seeds,
                          const std::filesystem::path& key = {}) {
    const membership_config config{free_address(), seeds, key, 100};
    auto made = membership_service::start(config, now(), [this] {
      const std::lock_guard lock(mutex);
      something_came = true;
      arrived.notify_all();
    });
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return *nodes.emplace_back(std::move(*made));
  }

  template <class Done>
  bool until(Done&& done) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < end) {
      auto next = no_time;
      for (auto& node : nodes)
        next = std::min(next, node->turn(now()));
      if (done())
        return true;
      std::unique_lock lock(mutex);
      arrived.wait_for(lock, std::min<node_clock::duration>(next - now(), 100ms),
                       [&] { return something_came; });
      something_came = false;
    }
    return false;
  }
  bool all_know(std::size_t others) {
    return until([&] {
      return std::ranges::all_of(
          nodes, [&](const auto& node) { return node->state().members().size() == others; });
    });
  }
};

std::uint64_t refused(const membership_service& node, const std::string& reason) {
  for (const auto& one : node.describe().refused)
    if (one.reason == reason)
      return one.times;
  return 0;
}

// Somebody with a socket who is no member.
struct stranger {
  node_key key = node_key::generate().value();
  std::unique_ptr<datagram_port> port =
      datagram_port::open({"127.0.0.1", free_loopback_port().value()}, [] {}).value();

  void send(const membership_service& to, const std::vector<std::uint8_t>& bytes) {
    REQUIRE(port->send(to.state().self().node.where, bytes));
  }
};

errc failure(const membership_config& config, const std::string& words) {
  const auto made = membership_service::start(config, now(), [] {});
  REQUIRE(!made);
  CAPTURE(made.error().message);
  CHECK(made.error().message.find(words) != std::string::npos);
  return made.error().code;
}

} // namespace

TEST_CASE("nodes find one another from the address of one; who goes says good-bye") {
  town t;
  const auto seed = t.add({}).describe().self.address;
  for (int i = 0; i < 4; ++i)
    t.add({seed});
  CHECK(t.all_know(4));
  for (const auto& node : t.nodes)
    CHECK(node->describe().refused.empty());
  t.nodes.pop_back();
  CHECK(t.all_know(3));
}

TEST_CASE("a seed that never answers, and one that is the node itself, do no harm") {
  town t;
  auto& first = t.add({free_address()});
  const auto own = free_address();
  const membership_config alone{own, {own}, {}, 100};
  CHECK(membership_service::start(alone, now(), [] {}));
  t.add({first.describe().self.address});
  CHECK(t.all_know(1));
}

TEST_CASE(
    "what is forged, damaged, meant for others or sent again is counted and changes nothing") {
  town t;
  auto& node = t.add({});
  const auto& self = node.state().self();
  stranger s;
  s.send(node, {1, 2, 3});
  const auto ping = pack_message(member_ping{1, 0, {}});
  const auto seal = [&](const std::optional<node_id>& to, byte_view payload) {
    return seal_datagram(s.key, to, datagram_channel::membership, 7, payload).value();
  };
  s.send(node, seal(s.key.id(), ping));
  auto damaged = seal(self.node.id, ping);
  damaged.back() ^= 1;
  s.send(node, damaged);
  s.send(node, seal(self.node.id, ping));
  s.send(node, seal(self.node.id, ping));
  CHECK(t.until([&] { return node.describe().datagrams_received == 5; }));
  CHECK(refused(node, "not one of our datagrams") == 1);
  CHECK(refused(node, "a datagram is signed by somebody else or meant for another node") == 2);
  CHECK(refused(node, "a datagram came before") == 1);

  // Sealed well, but no message; and another's presence that he never signed.
  const auto sealed = [&](std::uint64_t counter, byte_view payload) {
    return seal_datagram(s.key, self.node.id, datagram_channel::membership, counter, payload)
        .value();
  };
  s.send(node, sealed(8, byte_vector{0xc1}));
  presence forged{{node_key::generate().value().id(), s.port->where()}, 3, false, {}, {}};
  key_seal(s.key).sign(forged);
  s.send(node, sealed(9, pack_message(member_news{{std::make_shared<const presence>(forged)}})));
  CHECK(t.until([&] { return node.describe().datagrams_received == 7; }));
  CHECK(refused(node, "a message cannot be read") == 1);
  CHECK(node.describe().members.empty());
  CHECK(node.describe().refused.size() == 5);
}

TEST_CASE("a node with a key file is the same after a start; who cannot start says why") {
  const test::temp_dir dir;
  const auto file = dir.path() / "node.key";
  const auto key = node_key::generate().value();
  REQUIRE(key.save(file));
  const membership_config config{free_address(), {}, file, 100};
  CHECK(membership_service::start(config, now(), [] {}).value()->state().self().node.id ==
        key.id());

  const auto with = [&](auto change) {
    auto out = config;
    change(out);
    return out;
  };
  CHECK(failure(with([](auto& c) { c.listen = "0.0.0.0:4801"; }), "loopback") == errc::unsupported);
  CHECK(failure(with([](auto& c) { c.listen = "nowhere"; }), "nowhere") == errc::bad_config);
  CHECK(failure(with([](auto& c) { c.seeds = {"127.0.0.1"}; }), "127.0.0.1") == errc::bad_config);
  CHECK(failure(with([](auto& c) { c.period_ms = 0; }), "period_ms") == errc::bad_config);
  CHECK(failure(with([&](auto& c) { c.key = dir.path() / "none"; }), "none") == errc::bad_file);
  std::filesystem::permissions(file, std::filesystem::perms{0644});
  CHECK(failure(config, "chmod 600") == errc::bad_file);
}
