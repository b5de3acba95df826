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

TEST_CASE("a search that ended otherwise asks nobody any more") {
  ring r(many);
  overlay_output out;
  auto& node = *r.nodes.at(3);
  const auto number = node.look_up(test_id(200), r.now, out);
  const auto questions = std::exchange(out.sends, {});
  REQUIRE(questions.size() == r.settings.asked_at_once);
  node.receive(overlay_wires::where(213), lookup_found{number, 1, {}}, r.now, out);
  REQUIRE(out.results.size() == 1);
  out.clear();
  for (const auto& [to, message] : questions) {
    const auto& asked = std::get<closest_request>(message);
    node.receive(to, closest_reply{asked.nonce, {}, {overlay_wires::where(199)}}, r.now, out);
  }
  CHECK(std::ranges::none_of(out.sends, [](const auto& one) {
    return std::holds_alternative<closest_request>(one.message);
  }));
  CHECK(out.results.empty());
}

TEST_CASE("a search goes on at once where a node that was asked says that it leaves") {
  ring r(many);
  overlay_output out;
  auto& node = *r.nodes.at(3);
  node.look_up(test_id(200), r.now, out);
  auto questions = std::exchange(out.sends, {});
  REQUIRE(questions.size() == 3);
  // The first one names others, one of whom is asked in its place.
  std::vector<contact> others;
  for (const std::uint8_t first : {144, 150, 166, 181})
    others.push_back(overlay_wires::where(first));
  const auto nonce = std::get<closest_request>(questions[0].message).nonce;
  node.receive(questions[0].to, closest_reply{nonce, {}, others}, r.now, out);
  for (const auto& one : {questions[1], questions[2]}) {
    out.clear();
    node.receive(one.to, leaving{}, r.now, out);
    CHECK(std::ranges::any_of(out.sends, [](const auto& sent) {
      return std::holds_alternative<closest_request>(sent.message);
    }));
  }
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

TEST_CASE("all answers together are no longer than their question") {
  ring r(many);
  auto from = r.at(3).self();
  from.where.ip[10] = from.where.ip[11] = 0xff; // shorter than its neighbours' addresses
  const auto answer_to = [&](const overlay_message& question) {
    r.frames.clear();
    r.say(from, 128, question);
    std::size_t bytes = 0;
    for (const auto& f : r.frames)
      if (f.to == from)
        bytes += packed_size(f.message);
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
  // Of many lengths, so that for some of them one more successor would just have room.
  for (std::size_t silent = 0; silent <= r.settings.most_silent; ++silent)
    for (const std::uint32_t number : {1u, 200u, 1000u, 100'000u}) {
      step.silent.resize(silent);
      step.lookup = step.hop = number;
      answer_to(step);
    }
}
