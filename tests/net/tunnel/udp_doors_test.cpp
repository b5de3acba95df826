// Datagrams through the two ends of a tunnel.
#include <condition_variable>
#include <mutex>

#include "net/datagram/datagram_port.hpp"
#include "net/datagram/node_link.hpp"
#include "net/shaping/datagram_relay.hpp"
#include "net/tunnel/wrapped.hpp"
#include "tests/net/tunnel/tunnel_fixture.hpp"

namespace dci::test {
namespace {

struct mailbox {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<received_datagram> came;
  std::unique_ptr<datagram_port> port; // last: its thread uses the others

  explicit mailbox(std::shared_ptr<datagram_detour> by = nullptr) {
    port = must(datagram_port::open(
        {"127.0.0.1", 0},
        [this](received_datagram one) {
          const std::lock_guard lock(mutex);
          came.push_back(std::move(one));
          changed.notify_all();
        },
        std::move(by)));
  }
  std::vector<received_datagram> wait(std::size_t count, std::chrono::milliseconds longest = 20s) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, longest, [&] { return came.size() >= count; });
    return came;
  }
};

struct udp_scene : tunnel_scene {
  std::unique_ptr<tunnel_exit> out = exit(hidden, {{door_transport::udp, door(0), {}}});
  endpoint door_at = must(resolve(door(0)));

  udp_scene() {
    REQUIRE(is_open(*out));
  }
  tunnel_door_info at_entry() const {
    const auto doors = entry->figures().doors;
    return doors.empty() ? tunnel_door_info{} : doors[0];
  }
  std::uint64_t entry_refused(const std::string& reason) const {
    return refused(entry->figures(), reason);
  }
};

const byte_vector hello{1, 2, 3};
constexpr auto no_exit = "a datagram for an exit that does not say where it is";
constexpr auto wrong_token = "a datagram with a wrong token";

TEST_CASE("peers see the door's address only, and the node sees theirs") {
  udp_scene s;
  mailbox peer, node(s.out->way());
  const byte_vector longest(most_datagram_bytes, 7);
  for (const auto& content : {hello, longest, byte_vector{}}) {
    const auto before = peer.wait(0).size();
    CHECK(node.port->send(peer.port->where(), content));
    const auto heard = peer.wait(before + 1);
    REQUIRE(heard.size() == before + 1);
    CHECK(heard.back().from == s.door_at);
    CHECK(heard.back().bytes == content);
    CHECK(peer.port->send(s.door_at, content));
    const auto answer = node.wait(before + 1);
    REQUIRE(answer.size() == before + 1);
    CHECK(answer.back().from == peer.port->where());
    CHECK(answer.back().bytes == content);
  }
  const auto at = s.at_entry();
  CHECK(at.callers == 3);
  CHECK(at.bytes_in == 3 + most_datagram_bytes);
  CHECK(at.bytes_out == at.bytes_in);
  CHECK(s.entry->figures().refused.empty());
  // Too long for any node.
  CHECK(peer.port->send(s.door_at, byte_vector(most_datagram_bytes + 1)));
  CHECK(becomes([&] { return s.entry_refused("a datagram is too long") == 1; }));
}

TEST_CASE("two nodes that nobody reaches hear each other through one entry") {
  udp_scene s;
  const tls_node other{s.ours, s.ours};
  const auto second = s.exit(other, {{door_transport::udp, s.door(1), {}}});
  REQUIRE(s.is_open(*second));
  mailbox a(s.out->way()), b(second->way());
  REQUIRE(a.port->send(must(resolve(s.door(1))), hello));
  // B's port has said where it is when it was opened, or by now.
  second->way()->keep_open();
  CHECK(becomes([&] {
    a.port->send(must(resolve(s.door(1))), hello);
    return !b.wait(1, 50ms).empty();
  }));
  CHECK(b.wait(1).at(0).from == s.door_at);
}

TEST_CASE("before the exit has said where it is, nothing is kept for it and nothing sent") {
  udp_scene s;
  mailbox peer;
  for (int i = 0; i < 5; ++i)
    CHECK(peer.port->send(s.door_at, hello));
  CHECK(becomes([&] { return s.entry_refused(no_exit) == 5; }));
  mailbox node(s.out->way());
  s.out->way()->keep_open();
  CHECK(becomes([&] {
    peer.port->send(s.door_at, hello);
    return !node.wait(1, 50ms).empty();
  }));
  CHECK(s.at_entry().bytes_out == 0);
}

TEST_CASE("without the token nobody sends by a door, or takes its datagrams over") {
  udp_scene s;
  mailbox peer, node(s.out->way()), thief;
  const auto entry_at = must(resolve(s.entry_is.listen));
  REQUIRE(node.port->send(peer.port->where(), hello));
  REQUIRE(peer.wait(1).size() == 1);
  for (const auto& token : {flow_token{}, flow_token{1, 2, 3}})
    CHECK(thief.port->send(entry_at, wrap_datagram({token, peer.port->where(), hello})));
  CHECK(thief.port->send(entry_at, {1, 2, 3}));
  CHECK(becomes([&] {
    return s.entry_refused(wrong_token) == 2 &&
           s.entry_refused("a datagram that is not wrapped as ours") == 1;
  }));
  CHECK(peer.port->send(s.door_at, hello));
  CHECK(node.wait(1).size() == 1);
  CHECK(peer.wait(1).size() == 1);
  CHECK(thief.wait(0).empty());
  // Nor does the node take what has not come through the tunnel.
  CHECK(thief.port->send(node.port->where(), hello));
  CHECK(thief.port->send(node.port->where(), wrap_datagram({{}, peer.port->where(), hello})));
  CHECK(becomes([&] { return refused(s.out->figures(), wrong_token) == 1; }));
  CHECK(node.wait(1).size() == 1);
  CHECK(node.port->send(entry_at, hello));
  CHECK(becomes([&] { return s.entry_refused("a datagram to where a door does not send") == 1; }));
}

TEST_CASE("the exit is where its newest datagram came from") {
  udp_scene s;
  mailbox peer;
  std::optional<mailbox> node;
  node.emplace(s.out->way());
  REQUIRE(node->port->send(peer.port->where(), hello));
  REQUIRE(peer.wait(1).size() == 1);
  // As when what is between gives it another port.
  node.reset();
  node.emplace(s.out->way());
  REQUIRE(node->port->send(peer.port->where(), hello));
  REQUIRE(peer.wait(2).size() == 2);
  CHECK(peer.port->send(s.door_at, hello));
  CHECK(node->wait(1).size() == 1);
}

TEST_CASE("a link goes on after the tunnel was lost and has a new token") {
  udp_scene s;
  const auto link = [&](const tls_node& who, const address& told,
                        std::shared_ptr<datagram_detour> by) {
    const auto where = by ? loopback(s.ports[3]) : told;
    return must(node_link::open(where, told, {who.key, nullptr}, std::move(by)));
  };
  const auto node = link(s.hidden, s.door(0), s.out->way());
  const auto peer = link(s.reachable, loopback(s.ports[2]), nullptr);
  REQUIRE(node->serve(datagram_channel::membership, [] {}));
  REQUIRE(peer->serve(datagram_channel::membership, [] {}));
  CHECK(node->self().where == s.door_at);
  const auto talk = [&](const std::shared_ptr<node_link>& from,
                        const std::shared_ptr<node_link>& to) {
    return becomes(
        [&] {
          from->send(to->self(), datagram_channel::membership, hello);
          std::this_thread::sleep_for(5ms);
          const auto heard = to->take(datagram_channel::membership);
          if (!heard.empty())
            CHECK(heard[0].from == from->self());
          return !heard.empty();
        },
        5s);
  };
  CHECK(talk(node, peer));
  CHECK(talk(peer, node));
  s.entry.reset();
  REQUIRE(becomes([&] { return s.out->figures().state == "dialling"; }));
  node->send(peer->self(), datagram_channel::membership, hello);
  CHECK(refused(s.out->figures(), "a datagram while the tunnel is not open") > 0);
  s.entry = must(tunnel_entry::start(s.reachable.context, s.entry_is));
  // The exit says by itself where it is now: the peer can speak first.
  REQUIRE(s.is_open(*s.out));
  CHECK(talk(peer, node));
  CHECK(talk(node, peer));
}

TEST_CASE("the exit says where it is by itself, when a door opens and again and again") {
  udp_scene s;
  mailbox peer;
  std::optional<mailbox> node;
  node.emplace(s.out->way());
  const auto is_heard = [&] {
    return becomes(
        [&] {
          peer.port->send(s.door_at, hello);
          return !node->wait(1, 20ms).empty();
        },
        5s);
  };
  // The exit dials again, and finds a port that is open already.
  s.entry.reset();
  s.entry = must(tunnel_entry::start(s.reachable.context, s.entry_is));
  REQUIRE(becomes([&] { return s.entry->figures().doors.size() == 1; }));
  CHECK(is_heard());
  // Its port is another one while the door is open, as behind a router that has forgotten it.
  node.reset();
  s.out.reset();
  s.out = must(tunnel_exit::start(
      s.hidden.context,
      {s.entry_is.listen, {{door_transport::udp, s.door(0), {}}}, 256, 256 << 10, 50ms}));
  REQUIRE(s.is_open(*s.out));
  node.emplace(s.out->way());
  CHECK(is_heard());
  CHECK(s.at_entry().bytes_out == 0);
}

} // namespace
} // namespace dci::test
