#include <doctest/doctest.h>

#include "tests/actors/membership/wires.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

// Members 10, 20, ... that know one another.
struct network : membership_wires {
  explicit network(std::uint8_t count) {
    add(10);
    for (std::uint8_t i = 2; i <= count; ++i)
      join(static_cast<std::uint8_t>(10 * i), 10);
    run(10s);
    happenings.clear();
  }
};

} // namespace

TEST_CASE("who joins through one seed comes to know everybody, and they him") {
  network n(12);
  for (const auto& [first, node] : n.nodes) {
    CAPTURE(int(first));
    CHECK(node->members().size() == 11);
  }
}

TEST_CASE("in a quiet network nobody is suspected and little is said") {
  network n(6);
  std::size_t datagrams = 0;
  n.lost = [&](const auto&) { return ++datagrams == 0; };
  n.run(60s);
  CHECK(n.happenings.empty());
  // A ping and its answer for each member and second, and a page of members every 30 s.
  CHECK(datagrams <= 6 * (2 * 61 + 2 * 3));
  CHECK(datagrams >= 6 * 2 * 58);
}

TEST_CASE("a dead member is known to be dead everywhere within seconds") {
  network n(8);
  n.nodes.erase(50);
  n.run(6s);
  CHECK(n.count(member_change::died, 50) == 7);
  for (const auto& [first, node] : n.nodes)
    CHECK(!n.knows(first, 50));
}

TEST_CASE("of two members the one that is left notices") {
  network n(2);
  n.nodes.erase(20);
  n.run(8s);
  CHECK(n.count(member_change::died, 20) == 1);
}

TEST_CASE("a member that leaves is gone at once, and nobody suspects it") {
  network n(8);
  n.leave(30);
  n.nodes.erase(30);
  n.run(2s);
  CHECK(n.count(member_change::left, 30) == 7);
  CHECK(n.count(member_change::suspected, 30) == 0);
}

TEST_CASE("one that cannot be reached directly is reached through others") {
  network n(8);
  n.lost = [](const auto& f) {
    const auto a = f.from.id.bytes[0], b = f.to.id.bytes[0];
    return (a == 10 && b == 20) || (a == 20 && b == 10);
  };
  n.answers.clear();
  n.run(120s);
  CHECK(n.happenings.empty());
  // An answer through others says nothing of the way.
  CHECK(std::ranges::none_of(n.answers, [](const auto& a) {
    return (a.where == 10 && a.whom == 20) || (a.where == 20 && a.whom == 10);
  }));
  CHECK(n.answers.size() > 8 * 100);
}

TEST_CASE("a seed that was given is asked for ever, one that a beacon named a few times") {
  membership_wires n;
  n.add(10);
  std::size_t asked = 0;
  n.lost = [&](const membership_wires::frame& f) {
    asked += std::holds_alternative<members_request>(f.message);
    return true;
  };
  n.join(20, 10);
  n.run(60s);
  CHECK(asked >= 59);
  n.nodes.erase(20);
  asked = 0;
  n.try_join(30, 10);
  CHECK(n.at(30).is_joining(membership_wires::where(10).where));
  n.run(60s);
  CHECK(asked == n.settings.guesses_tries);
  CHECK(!n.at(30).is_joining(membership_wires::where(10).where));
  n.lost = [](const membership_wires::frame&) { return false; };
  n.try_join(40, 10);
  n.run(10s);
  CHECK(n.knows(10, 40));
  CHECK(n.knows(40, 10));
}

TEST_CASE("who answers a ping is told with when that was sent") {
  membership_wires n;
  n.add(10);
  n.join(20, 10);
  n.run(10s);
  membership_output out;
  // Whatever is due, until it pings.
  std::optional<std::uint32_t> number;
  node_time sent{};
  while (!number) {
    sent = n.at(10).next_tick();
    out.clear();
    n.at(10).tick(sent, out);
    for (const auto& one : out.sends)
      if (const auto* ping = std::get_if<member_ping>(&one.message))
        number = ping->number;
  }
  out.clear();
  n.at(10).receive(n.where(20), member_ack{*number + 1, {}}, sent + 30ms, out);
  CHECK(out.answers.empty());
  n.at(10).receive(n.where(20), member_ack{*number, {}}, sent + 30ms, out);
  REQUIRE(out.answers.size() == 1);
  CHECK(out.answers[0].node == n.where(20));
  CHECK(out.answers[0].asked == sent);
  n.at(10).receive(n.where(20), member_ack{*number, {}}, sent + 40ms, out);
  CHECK(out.answers.size() == 1);
}

TEST_CASE("a single accuser kills nobody") {
  network n(8);
  // Nobody answers this one, and it can be heard.
  n.lost = [](const auto& f) { return f.to.id == member_id(20) && f.from.id != member_id(30); };
  n.run(60s);
  for (const auto& [first, node] : n.nodes)
    if (first != 20)
      for (const auto& [other, same] : n.nodes)
        if (other != 20 && other != first)
          CHECK(n.knows(first, other));
}

TEST_CASE("who is suspected says that it lives") {
  network n(6);
  n.say(n.where(20), 30, member_news{{n.accusation(40, 20)}});
  CHECK(n.at(30).is_suspected(member_id(40)));
  n.run(3s);
  CHECK(!n.at(30).is_suspected(member_id(40)));
  CHECK(n.at(40).self().incarnation == 1);
  CHECK(n.count(member_change::died, 40) == 0);
  CHECK(n.count(member_change::cleared, 40) >= 1);
}

TEST_CASE("a member that was frozen comes back") {
  network n(6);
  n.lost = [](const auto& f) { return f.to.id == member_id(40) || f.from.id == member_id(40); };
  n.run(10s);
  CHECK(n.count(member_change::died, 40) == 5);
  n.lost = [](const auto&) { return false; };
  n.run(10s);
  for (const std::uint8_t first : {10, 20, 30, 50, 60})
    CHECK(n.knows(first, 40));
  CHECK(n.at(40).self().incarnation > 0);
}

TEST_CASE("a network that fell in two grows together again") {
  network n(6);
  n.lost = [](const auto& f) { return (f.from.id.bytes[0] > 30) != (f.to.id.bytes[0] > 30); };
  n.run(20s);
  CHECK(n.at(10).members().size() == 2);
  CHECK(n.at(40).members().size() == 2);
  n.lost = [](const auto&) { return false; };
  n.run(90s);
  for (const auto& [first, node] : n.nodes)
    CHECK(node->members().size() == 5);
}

TEST_CASE("forged news are refused by name and change nothing") {
  network n(6);
  auto forged = n.accusation(40, 20);
  forged.accuser = member_id(30);
  n.say(n.where(60), 10, member_news{{forged}});
  presence elsewhere = n.at(40).self();
  elsewhere.incarnation = 9;
  elsewhere.node.where.port = 666;
  n.say(n.where(60), 10, member_news{{std::make_shared<const presence>(elsewhere)}});
  const auto kill = [&](std::vector<suspicion> accusations) {
    n.say(n.where(60), 10, member_news{{std::make_shared<const death>(death{accusations})}});
  };
  kill({});
  kill({n.accusation(40, 20)});
  kill({n.accusation(40, 20), n.accusation(40, 20)}); // one accuser twice
  kill({n.accusation(40, 20), n.accusation(40, 40)}); // itself
  kill({n.accusation(40, 20), n.accusation(40, 99)}); // a stranger
  kill({n.accusation(40, 20), forged});
  kill({n.accusation(40, 20), n.accusation(50, 30)}); // of two nodes
  CHECK(n.refused.size() == 9);
  CHECK(n.knows(10, 40));
  CHECK(!n.at(10).is_suspected(member_id(40)));
  CHECK(n.at(10).members().at(*n.at(10).members().find(member_id(40))).node.where.port == 40);
  kill({n.accusation(40, 20), n.accusation(40, 30)});
  CHECK(!n.knows(10, 40));
}

TEST_CASE("an accusation of an incarnation that never was changes nothing") {
  network n(6);
  const auto never = n.accusation(40, 20, 0xffffffff);
  n.say(n.where(20), 40, member_news{{never}});
  n.say(n.where(20), 40,
        member_news{{std::make_shared<const death>(death{{never, n.accusation(40, 30, ~0u)}})}});
  CHECK(n.at(40).self().incarnation == 0);
  n.say(n.where(20), 10, member_news{{n.accusation(40, 20)}});
  REQUIRE(n.at(10).is_suspected(member_id(40)));
  // Neither a lie nor a forgery takes a true accusation back.
  auto forged = n.accusation(40, 30, 5);
  forged.signed_by_accuser = {};
  n.say(n.where(60), 10, member_news{{forged, n.accusation(40, 30, 5)}});
  CHECK(n.at(10).is_suspected(member_id(40)));
  n.say(n.where(60), 10,
        member_news{{std::make_shared<const death>(
            death{{n.accusation(40, 20, 5), n.accusation(40, 30, 5)}})}});
  CHECK(n.knows(10, 40));
}

TEST_CASE("old news are forgotten news") {
  network n(6);
  const auto old = std::make_shared<const presence>(n.at(40).self());
  const auto accused = n.accusation(40, 20);
  n.say(n.where(20), 40, member_news{{accused}}); // it clears itself
  n.run(2s);
  n.happenings.clear();
  n.say(n.where(60), 10, member_news{{old, accused}});
  CHECK(!n.at(10).is_suspected(member_id(40)));
  n.nodes.erase(40);
  n.run(8s);
  REQUIRE(!n.knows(10, 40));
  n.say(n.where(60), 10, member_news{{old}});
  CHECK(!n.knows(10, 40));
}

TEST_CASE("after a restart a member goes on where its incarnation was") {
  network n(4);
  for (std::uint32_t i = 0; i < 3; ++i)
    n.say(n.where(20), 30, member_news{{n.accusation(30, 20, i)}});
  n.run(3s);
  REQUIRE(n.at(30).self().incarnation == 3);
  n.nodes.erase(30);
  n.join(30, 10);
  n.run(5s);
  CHECK(n.at(30).self().incarnation == 4);
  CHECK(n.at(30).members().size() == 3);
  CHECK(n.knows(20, 30));
}

TEST_CASE("no answer is longer than its question") {
  network n(30 / 2);
  std::map<std::uint32_t, std::size_t> asked;
  bool longer = false;
  std::size_t answers = 0;
  n.nodes.erase(50); // there is something to tell
  n.lost = [&](const auto& f) {
    const auto bytes = packed_size(f.message);
    if (const auto* ping = std::get_if<member_ping>(&f.message))
      asked[ping->number] = bytes;
    if (const auto* ack = std::get_if<member_ack>(&f.message); ack && asked.contains(ack->number)) {
      ++answers;
      longer |= bytes > asked[ack->number];
    }
    return false;
  };
  n.run(20s);
  CHECK(answers > 100);
  CHECK(!longer);
  // A list of members is no longer than what asks for it.
  n.lost = [](const auto&) { return true; };
  for (const std::uint32_t room : {0u, 300u, 1200u}) {
    const members_request request{member_id(5), room};
    n.frames.clear();
    n.say(n.where(20), 10, request);
    REQUIRE(n.frames.size() == 1);
    CHECK(packed_size(n.frames.front().message) <= 1 + packed_size(request) + 130);
  }
}
