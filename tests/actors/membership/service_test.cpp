// Members with real keys on real sockets.
#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>

#include "actors/membership/service.hpp"
#include "net/free_port.hpp"
#include "runtime/base/turns.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const node_key> new_key() {
  return std::make_shared<const node_key>(node_key::generate().value());
}

address free_address() {
  return {"127.0.0.1", free_loopback_port().value()};
}

std::shared_ptr<node_link> new_link(const address& where = free_address()) {
  return node_link::open(where, where, {new_key(), nullptr}).value();
}

// Everybody's turn comes when datagrams do, or it is time.
struct town {
  std::mutex mutex;
  std::condition_variable arrived;
  bool something_came = false;
  std::list<std::unique_ptr<membership_service>> nodes;

  membership_service& add(const std::vector<std::string>& seeds,
                          const std::shared_ptr<node_link>& link = new_link(),
                          const std::string& lan = "") {
    auto made = membership_service::start({"link", seeds, 100, lan}, link, steady_node_time(),
                                          [this] { note(); });
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return *nodes.emplace_back(std::move(*made));
  }
  void note() {
    const std::lock_guard lock(mutex);
    something_came = true;
    arrived.notify_all();
  }

  template <class Done>
  bool until(Done&& done) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < end) {
      auto next = no_time;
      for (auto& node : nodes)
        next = std::min(next, node->turn(steady_node_time()));
      if (done())
        return true;
      std::unique_lock lock(mutex);
      arrived.wait_for(lock, std::min<node_clock::duration>(next - steady_node_time(), 100ms),
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

errc failure(const std::shared_ptr<node_link>& link, const membership_config& config,
             const std::string& words) {
  const auto made = membership_service::start(config, link, steady_node_time(), [] {});
  REQUIRE(!made);
  CAPTURE(made.error().message);
  CHECK(made.error().message.find(words) != std::string::npos);
  return made.error().code;
}

} // namespace

TEST_CASE("nodes find one another from the address of one; who goes says good-bye") {
  town t;
  std::vector<std::shared_ptr<node_link>> links{new_link()};
  const auto seed = to_string(links[0]->self().where);
  t.add({}, links[0]);
  for (int i = 0; i < 4; ++i)
    t.add({seed}, links.emplace_back(new_link()));
  CHECK(t.all_know(4));
  for (const auto& link : links)
    CHECK(link->figures().refused.empty());
  t.nodes.pop_back();
  CHECK(t.all_know(3));
}

TEST_CASE("watchers hear who comes and who goes") {
  town t;
  auto& first = t.add({});
  t.add({first.describe().self.address});
  const auto second = t.nodes.back()->state().self().node;
  CHECK(t.all_know(1));
  t.nodes.pop_back();
  CHECK(t.all_know(0));
  const auto heard = first.take_events();
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].node == second);
  CHECK(heard[0].change == member_change::came);
  CHECK(heard[1].node == second);
  CHECK(heard[1].change == member_change::left);
  CHECK(first.take_events().empty());
}

TEST_CASE("it is told what the answers to pings took") {
  town t;
  auto& first = t.add({});
  t.add({first.describe().self.address});
  const auto second = t.nodes.back()->state().self().node;
  std::vector<membership_service::seen_round_trip> seen;
  CHECK(t.until([&] {
    for (const auto& one : first.take_round_trips())
      seen.push_back(one);
    return seen.size() >= 3;
  }));
  for (const auto& one : seen) {
    CHECK(one.node == second);
    CHECK(one.time > 0us);
    CHECK(one.time < 500ms); // then others are asked
  }
}

TEST_CASE("a seed that never answers, and one that is the node itself, do no harm") {
  town t;
  auto& first = t.add({to_string(free_address())});
  const auto own = free_address();
  auto& alone = t.add({to_string(own)}, new_link(own));
  t.add({first.describe().self.address});
  CHECK(t.until([&] { return first.state().members().size() == 1; }));
  CHECK(alone.state().members().size() == 0);
}

TEST_CASE("what is sealed well and yet no message, or not signed by whom it names, is refused") {
  town t;
  const auto link = new_link();
  auto& node = t.add({}, link);
  const auto stranger = new_link();
  stranger->send(link->self(), datagram_channel::membership, byte_vector{0xc1});
  presence forged{{node_key::generate().value().id(), stranger->self().where}, 3, false, {}, {}};
  key_seal(stranger->key()).sign(forged);
  stranger->send(link->self(), datagram_channel::membership,
                 pack_message(member_news{{std::make_shared<const presence>(forged)}}));
  CHECK(t.until([&] { return link->figures().refused.size() == 2; }));
  CHECK(link->figures().refused["a message cannot be read"] == 1);
  CHECK(node.state().members().size() == 0);
}

TEST_CASE("a membership that cannot start says why") {
  const auto link = new_link();
  CHECK(failure(link, {"link", {"127.0.0.1"}, 100, ""}, "127.0.0.1") == errc::bad_config);
  CHECK(failure(link, {"link", {}, 0, ""}, "period_ms") == errc::bad_config);
  town t;
  t.add({}, link);
  CHECK(failure(link, {}, "has a reader already") == errc::already_exists);
}

TEST_CASE("nodes of one local network find one another without a seed") {
  town t;
  const auto group = "239.255.68.67:" + std::to_string(free_loopback_port().value());
  for (int i = 0; i < 3; ++i)
    t.add({}, new_link(), group);
  CHECK(t.until([&] {
    for (const auto& node : t.nodes)
      if (node->state().members().size() != 2)
        return false;
    return true;
  }));
  const auto no = membership_service::start({"link", {}, 100, "127.0.0.1:4805"}, new_link(),
                                            steady_node_time(), [] {});
  REQUIRE_FALSE(no);
  CHECK(no.error().message.find("no multicast address") != std::string::npos);
}
