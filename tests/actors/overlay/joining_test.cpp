// Through whom nodes join the ring.
#include "actors/overlay/joining.hpp"

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
  int lowest = 0;
  for (int i = 0; i < 40; ++i) {
    const auto advice = one.after(2s, trying);
    REQUIRE(advice.seed);
    CHECK_FALSE(advice.start_anew);
    seeds.insert(advice.seed->id);
    lowest += advice.seed->id == node(1).id;
  }
  CHECK(lowest >= 20);
  CHECK(seeds.size() >= 4);
  CHECK_FALSE(one.after(1s, trying).seed); // not so soon
}

TEST_CASE("the lowest waits to be joined, then tries, and then waits again") {
  joiner one(1, {2, 3});
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(one.after(2s, alone).seed);
  CHECK(one.after(2s, alone).seed);
  const auto advice = one.after(2s, trying);
  CHECK(advice.start_anew);
  CHECK_FALSE(advice.seed);
  for (int i = 0; i < 3; ++i) {
    const auto waits = one.after(2s, alone);
    CHECK_FALSE(waits.seed);
    CHECK_FALSE(waits.start_anew);
  }
  CHECK(one.after(2s, alone).seed);
  // Somebody has joined it: it has nothing to do any more.
  CHECK_FALSE(one.after(2s, joined).start_anew);
}

TEST_CASE("who is in meets the member behind himself, so that rings become one") {
  joiner one(5, {1, 7, 9}), last(9, {1, 5, 7});
  CHECK(one.after(2s, joined).meet == node(7));
  CHECK(last.after(2s, joined).meet == node(1));
  one.rule.know(node(6), true);
  CHECK(one.after(2s, joined).meet == node(6));
  one.rule.know(node(6), false);
  CHECK(one.after(2s, joined).meet == node(7));
  CHECK_FALSE(one.after(1s, joined).meet);
  joiner alone_node(5, {});
  CHECK_FALSE(alone_node.after(2s, alone).meet);
}
