// Nodes that listen to those only whom an authority vouches for.
#include <algorithm>
#include <atomic>
#include <condition_variable>

#include "net/datagram/node_link.hpp"
#include "net/free_port.hpp"
#include "tests/net/tls/tls_fixture.hpp"

namespace dci::test {
namespace {

constexpr auto channel = datagram_channel::membership;

std::shared_ptr<node_link> open_link(node_identity identity) {
  const address where{"127.0.0.1", must(free_loopback_port())};
  return must(node_link::open(where, where, std::move(identity)));
}

struct member {
  std::shared_ptr<node_link> link;
  std::vector<arrival> came;

  explicit member(const tls_node& who) : link(open_link({who.key, who.context})) {
    REQUIRE(link->serve(channel, [] {}));
  }
  void look() {
    for (auto& one : link->take(channel))
      came.push_back(std::move(one));
  }
  std::uint64_t refused(const std::string& why) const {
    return link->figures().refused[why];
  }
};

// Goes on writing, as a member does, until it is so.
template <class Done>
bool writes_until(node_link& from, member& to, Done&& done) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  std::mutex mutex;
  std::condition_variable never;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    from.send(to.link->self(), channel, byte_vector{7});
    std::unique_lock lock(mutex);
    never.wait_for(lock, 5ms);
    to.look();
  }
  return true;
}

struct scene {
  signer ours{"ours"}, strangers{"strangers"};
  tls_node a{ours, ours}, b{ours, ours};
};

TEST_CASE("nodes introduce themselves, once, and are heard") {
  scene s;
  member a(s.a), b(s.b);
  CHECK(writes_until(*a.link, b, [&] { return b.came.size() >= 3; }));
  CHECK(b.came[0].from == a.link->self());
  CHECK(a.link->figures().received == 0); // nobody had to ask
  CHECK(b.link->figures().refused.empty());
  CHECK(writes_until(*b.link, a, [&] { return !a.came.empty(); }));
}

TEST_CASE("who was forgotten is asked, and introduces himself again") {
  scene s;
  member a(s.a);
  auto b = std::make_unique<member>(s.b);
  CHECK(writes_until(*a.link, *b, [&] { return !b->came.empty(); }));
  // B starts again at its address.
  const auto where = must(parse_address(to_string(b->link->self().where)));
  b.reset();
  const auto again = must(node_link::open(where, where, {s.b.key, s.b.context}));
  REQUIRE(again->serve(channel, [] {}));
  std::size_t came = 0;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (came == 0 && std::chrono::steady_clock::now() < end) {
    a.link->send(again->self(), channel, byte_vector{7});
    came += again->take(channel).size();
  }
  CHECK(came > 0);
  CHECK(again->figures().refused["a node that has not shown its certificates"] > 0);
}

TEST_CASE("strangers are refused by name and counted") {
  scene s;
  const tls_node foreign(s.strangers, s.ours);
  member b(s.b), stranger(foreign);
  CHECK(writes_until(*stranger.link, b,
                     [&] { return b.refused("certificates are refused: unknown_authority") > 0; }));
  const auto bare = open_link({std::make_shared<const node_key>(must(node_key::generate())), {}});
  CHECK(writes_until(*bare, b,
                     [&] { return b.refused("a node that has not shown its certificates") > 0; }));
  CHECK(b.came.empty());
}

TEST_CASE("what a member says again is dropped; a stranger is not remembered for it") {
  scene s;
  member a(s.a), b(s.b);
  REQUIRE(writes_until(*a.link, b, [&] { return !b.came.empty(); }));
  b.came.clear();
  const auto port = must(datagram_port::open({"127.0.0.1", 0}, [](received_datagram) {}));
  const auto sends_until = [&](const node_key& key, const std::string& why) {
    const auto bytes = must(seal_datagram(key, b.link->self().id, channel, ~0ull, byte_vector{9}));
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (b.refused(why) < 2 && std::chrono::steady_clock::now() < end)
      port->send(b.link->self().where, bytes);
    CHECK(b.refused(why) >= 2);
  };
  sends_until(*s.a.key, "a datagram came before");
  b.look();
  CHECK(std::ranges::count(b.came, byte_vector{9}, &arrival::payload) == 1);
  sends_until(must(node_key::generate()), "a node that has not shown its certificates");
}

TEST_CASE(
    "certificates are of use only to the node they name, and questions only to whom we write") {
  scene s;
  member b(s.b);
  const auto thief = open_link({std::make_shared<const node_key>(must(node_key::generate())), {}});
  admittance stolen(s.a.context);
  const auto end = std::chrono::steady_clock::now() + 20s;
  const auto says = [&](const byte_vector& payload, const std::string& why) {
    while (b.refused(why) == 0 && std::chrono::steady_clock::now() < end)
      thief->send(b.link->self(), datagram_channel::introduction, payload);
    CHECK(b.refused(why) > 0);
  };
  says(stolen.introduction(), "certificates are shown by another node than theirs");
  says(stolen.question(), "somebody asks who we are to whom we never wrote");
  says(byte_vector{0xc1}, "an introduction cannot be read");
  CHECK(b.link->figures().sent == 0);
}

TEST_CASE(
    "a node with newer certificates introduces itself once more, and is heard past the old end") {
  scene s;
  std::atomic<wall_time> then = now;
  const auto clock = [&] { return then.load(); };
  const tls_node early(s.ours, s.ours, clock), careful(s.ours, s.ours, clock);
  member a(early), b(careful);
  REQUIRE(writes_until(*a.link, b, [&] { return !b.came.empty(); }));
  const auto sent = [&] { return a.link->figures().sent; };
  const auto writes = [&] {
    const auto before = sent();
    a.link->send(b.link->self(), channel, byte_vector{7});
    return sent() - before;
  };
  CHECK(writes() == 1);
  then = now + 16h;
  const auto old = early.context->shown();
  const auto newer = must(parse_certificate(s.ours.vouch(*early.key, now + 16h)));
  REQUIRE(early.context->show({newer}));
  CHECK(writes() == 2); // with an introduction
  CHECK(writes() == 1);
  // Nothing of what went before the introduction is still on its way.
  a.link->send(b.link->self(), channel, byte_vector{8});
  const auto is_last = [](const arrival& one) { return one.payload == byte_vector{8}; };
  REQUIRE(writes_until(*a.link, b, [&] { return std::ranges::any_of(b.came, is_last); }));
  b.came.clear();
  then = now + 25h;
  CHECK(writes_until(*a.link, b, [&] { return b.came.size() >= 3; }));
  CHECK(b.link->figures().refused.empty());
  CHECK(b.link->figures().sent == 0); // nobody had to ask
  // And no longer than those hold.
  then = now + 41h;
  CHECK(
      writes_until(*a.link, b, [&] { return b.refused("certificates are refused: expired") > 0; }));
}

TEST_CASE("old certificates that come late take nothing away, and new ones may be too large") {
  scene s;
  std::atomic<wall_time> then = now;
  const tls_node careful(s.ours, s.ours, [&] { return then.load(); });
  admittance admits(careful.context), its(s.a.context);
  const endpoint from{{}, 1};
  const auto takes = [&](const byte_vector& introduction) {
    return admits.take(from, s.a.key->public_half(), introduction, {}).refused;
  };
  const auto old = its.introduction();
  then = now + 1h;
  const auto newer = must(parse_certificate(s.ours.vouch(*s.a.key, now + 1h)));
  REQUIRE(s.a.context->show({newer}));
  CHECK(its.introduction() != old);
  CHECK(takes(its.introduction()).empty());
  CHECK(takes(old).empty());
  then = now + 25h - 1s;
  CHECK(admits.is_admitted(s.a.key->id()));
  then = now + 25h;
  CHECK_FALSE(admits.is_admitted(s.a.key->id()));
  // What does not fit is not shown to anybody, and what did before is.
  const auto last = its.introduction();
  CHECK_FALSE(its.is_first(from, {}) == its.is_first(from, {}));
  REQUIRE(s.a.context->show(std::vector(10, newer)));
  CHECK(its.introduction() == last);
  CHECK_FALSE(its.is_first(from, {}));
}

TEST_CASE("a node that is revoked, or whose certificates end, is heard no more") {
  scene s;
  wall_time then = now;
  const tls_node careful(s.ours, s.ours, [&] { return then; });
  member a(s.a), c(s.b), b(careful);
  CHECK(writes_until(*a.link, b, [&] { return !b.came.empty(); }));
  CHECK(writes_until(*c.link, b, [&] { return b.came.back().from == c.link->self(); }));
  const auto list = must(make_revocation_list(
      s.ours.key, s.ours.root, 1, now, now + 24h,
      std::vector{revoked_certificate{s.a.shown.serial, now, revocation_reason::unspecified}}));
  CHECK(must(careful.context->add_revocations(list)));
  b.came.clear();
  CHECK(
      writes_until(*a.link, b, [&] { return b.refused("certificates are refused: revoked") > 0; }));
  CHECK(b.came.empty());
  CHECK(writes_until(*c.link, b, [&] { return !b.came.empty(); }));
  then = now + 25h;
  b.look();
  b.came.clear();
  CHECK(
      writes_until(*c.link, b, [&] { return b.refused("certificates are refused: expired") > 0; }));
  CHECK(b.came.empty());
}

} // namespace
} // namespace dci::test
