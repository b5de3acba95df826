// Lookups as Kademlia makes them, and answers that are no longer than their questions.
#include <doctest/doctest.h>

#include <algorithm>

#include "actors/packed_size.hpp"
#include "tests/actors/overlay/wires.hpp"

using namespace dci;
using std::chrono::seconds;

namespace {

struct ring : overlay_wires {
  explicit ring(std::initializer_list<std::uint8_t> firsts) {
    settings.lookups = lookup_strategy::kademlia;
    settings.successors = 3; // so that most of the ring is beyond them
    settle(firsts);
  }
  lookup_result asked(std::uint8_t from, std::uint8_t key) {
    results.clear();
    look_up(from, test_id(key));
    run(seconds(30));
    REQUIRE(results.size() == 1);
    return results.front();
  }
};

const std::initializer_list<std::uint8_t> many{3,   17,  40,  62,  77,  90,  101, 120, 127, 128,
                                               129, 144, 150, 166, 181, 199, 213, 230, 241, 250};

std::uint8_t owner_among(std::initializer_list<std::uint8_t> firsts, std::uint8_t key) {
  for (const auto one : firsts)
    if (one >= key)
      return one;
  return *firsts.begin();
}

} // namespace

TEST_CASE("kademlia's lookups end at the same owners as chord's") {
  ring r(many);
  for (const std::uint8_t from : {3, 127, 250})
    for (std::uint8_t key = 1; key < 252; key = static_cast<std::uint8_t>(key + 5)) {
      CAPTURE(key);
      const auto found = r.asked(from, key);
      CHECK(found.found);
      CHECK(found.tries == 1);
      CHECK(found.owner.id.bytes[0] == owner_among(many, key));
    }
}

TEST_CASE("so many nodes are asked at once, and no more") {
  ring r(many);
  r.look_up(3, test_id(200));
  std::size_t asked = 0;
  for (const auto& f : r.frames)
    asked += std::holds_alternative<closest_request>(f.message);
  CHECK(asked == r.settings.asked_at_once);
}

TEST_CASE("silent nodes on the way are passed by within the same try") {
  ring r(many);
  for (const std::uint8_t dead : {144, 150, 166, 181})
    r.kill(dead);
  const auto found = r.asked(3, 195); // they are the nearest before it
  CHECK(found.owner.id == test_id(199));
  CHECK(found.tries == 1);
}

TEST_CASE("where the owner died, its successor is found when it has noticed") {
  ring r(many);
  r.kill(199);
  const auto found = r.asked(3, 195);
  CHECK(found.owner.id == test_id(213));
  CHECK(found.tries <= 2);
}

TEST_CASE("a search that nobody answers ends, and says how often it was tried") {
  ring r(many);
  r.lost = [](const overlay_wires::frame& f) {
    return std::holds_alternative<closest_request>(f.message);
  };
  const auto ended = r.asked(3, 195);
  CHECK(!ended.found);
  CHECK(ended.tries == r.settings.lookup_tries);
}

TEST_CASE("octaves by XOR hold nodes on both sides") {
  overlay_settings settings;
  settings.lookups = lookup_strategy::kademlia;
  known_nodes known(test_id(0b10100000), settings);
  // The first ids of the octaves of the first byte's bits.
  CHECK(known.id_in(255, {}) == test_id(0b00100000));
  CHECK(known.id_in(254, {}) == test_id(0b11100000));
  CHECK(known.id_in(253, {}) == test_id(0b10000000));
  known.set_before(distance(test_id(0b10100000), test_id(0b10011111)));
  const auto open = known.open_octaves();
  // What lies wholly between the predecessor and the node itself needs no looking through.
  CHECK(std::ranges::count(open, 253) == 1);
  known.set_before(distance(test_id(0b10100000), test_id(0b01111111)));
  CHECK(std::ranges::count(known.open_octaves(), 253) == 0);
  CHECK(std::ranges::count(known.open_octaves(), 255) == 1);
}

TEST_CASE("no answer is longer than its question") {
  ring r(many);
  const auto from = r.at(3).self();
  const auto answer_to = [&](const overlay_message& question) {
    r.frames.clear();
    r.say(from, 128, question);
    std::size_t bytes = 0;
    for (const auto& f : r.frames)
      if (f.to == from)
        bytes = std::max(bytes, packed_size(f.message));
    CHECK(bytes > 0);
    CHECK(bytes <= packed_size(question));
  };
  for (const std::uint32_t room : {0u, 60u, 300u, 1200u}) {
    CAPTURE(room);
    answer_to(neighbours_request{~0u, {room}});
    answer_to(known_request{~0u, {room}});
    answer_to(closest_request{~0u, false, test_id(200), {}, {room}});
  }
  answer_to(are_you_there{~0u});
  answer_to(new_successor{~0u});
  lookup_step step;
  step.lookup = ~0ull;
  step.hop = ~0u;
  step.key = test_id(128);
  step.origin = from;
  answer_to(step);
}
