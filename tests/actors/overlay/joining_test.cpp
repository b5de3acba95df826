// Through whom nodes join the ring.
#include "actors/overlay/joining.hpp"

#include <map>
#include <set>

#include <doctest/doctest.h>

using namespace dci;
using namespace std::chrono_literals;

namespace {

contact node(std::uint8_t number) {
  contact out;
  out.id.bytes[0] = number;
  return out;
}

struct joiner {
  joining rule;
  node_time now{};

  joiner(std::uint8_t self, std::initializer_list<std::uint8_t> members)
      : rule(node(self).id, random_source(self)) {
    for (const auto one : members)
      rule.know(node(one), true);
  }
  joining::advice after(node_clock::duration time, chord::state state) {
    now += time;
    return rule.decide(state, now);
  }
};

constexpr auto alone = chord::state::alone, trying = chord::state::joining,
               joined = chord::state::joined;

} // namespace

TEST_CASE("a node that knows nobody waits, and who is in asks nobody") {
  joiner one(5, {});
  CHECK(one.rule.is_alone());
  CHECK_FALSE(one.after(0s, alone).seed);
  one.rule.know(node(5), true); // itself
  CHECK(one.rule.is_alone());
  one.rule.know(node(3), true);
  CHECK(one.after(2s, alone).seed);
  CHECK_FALSE(one.after(2s, joined).seed);
  one.rule.know(node(3), false);
  CHECK_FALSE(one.after(2s, alone).seed);
}

TEST_CASE("nodes try again through others, and through the one with the lowest id in between") {
  joiner one(5, {1, 2, 3, 4, 6, 7});
  std::set<node_id> seeds;
  int lowest = 0, tries = 0, rests = 0;
  for (int i = 0; i < 100; ++i) {
    const auto advice = one.after(2s, trying);
    rests += advice.start_anew;
    if (!advice.seed)
      continue;
    ++tries;
    CHECK_FALSE(advice.start_anew);
    seeds.insert(advice.seed->id);
    lowest += advice.seed->id == node(1).id;
    CHECK_FALSE(one.after(1s, trying).seed); // not so soon
    one.now -= 1s;
  }
  CHECK(lowest >= tries / 2);
  CHECK(seeds.size() >= 4);
  // Of those who know one another one waits to be joined, now and then.
  CHECK(rests >= 3);
  CHECK(tries >= 40);
}

TEST_CASE("the lowest waits to be joined, then tries, and then waits again") {
  joiner one(1, {2, 3});
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(one.after(2s, alone).seed);
  CHECK(one.after(2s, alone).seed);
  const auto advice = one.after(2s, trying);
  CHECK(advice.start_anew);
  CHECK_FALSE(advice.seed);
  int waited = 0;
  for (; !one.after(2s, alone).seed; ++waited)
    REQUIRE(waited < 10);
  CHECK(waited >= 2);
  // Somebody has joined it: it has nothing to do any more.
  CHECK_FALSE(one.after(2s, joined).start_anew);
}

TEST_CASE("who is in meets members behind himself, so that rings become one") {
  const auto met = [](std::uint8_t self, std::initializer_list<std::uint8_t> members) {
    joiner one(self, members);
    std::map<std::uint8_t, int> out;
    for (int i = 0; i < 200; ++i) {
      const auto advice = one.after(2s, joined);
      REQUIRE(advice.meet);
      ++out[advice.meet->id.bytes[0]];
      CHECK_FALSE(one.after(1s, joined).meet);
      one.now -= 1s;
    }
    return out;
  };
  const auto behind = met(5, {1, 2, 3, 7, 8, 9});
  CHECK(behind.size() == 4);
  CHECK(behind.at(7) > 80);
  CHECK(behind.contains(1)); // around the end
  CHECK(met(9, {1, 5}).at(1) > 80);
  CHECK(met(5, {1}).size() == 1);
  joiner nobody(5, {});
  CHECK_FALSE(nobody.after(2s, alone).meet);
}
