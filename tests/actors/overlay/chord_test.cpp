#include <doctest/doctest.h>

#include <algorithm>

#include "tests/actors/overlay/wires.hpp"

using namespace dci;
using std::chrono::seconds;

namespace {

// A ring of these, settled.
struct ring : overlay_wires {
  explicit ring(std::initializer_list<std::uint8_t> firsts) {
    settle(firsts);
  }
  // Who answers for the key, asked of one node.
  const lookup_result& asked(std::uint8_t from, std::uint8_t key) {
    results.clear();
    look_up(from, test_id(key));
    run(seconds(30));
    REQUIRE(results.size() == 1);
    return results.front();
  }
};

} // namespace

TEST_CASE("a node alone answers for every key itself") {
  ring r{10};
  CHECK(r.at(10).where() == chord::state::alone);
  const auto& found = r.asked(10, 200);
  CHECK(found.found);
  CHECK(found.owner.id == test_id(10));
  CHECK(found.hops == 0);
}

TEST_CASE("nodes that join stand in the order of their ids") {
  ring r{10, 200, 90, 100, 30};
  CHECK(first_successor(r.at(10)) == 30);
  CHECK(first_successor(r.at(30)) == 90);
  CHECK(first_successor(r.at(90)) == 100);
  CHECK(first_successor(r.at(100)) == 200);
  CHECK(first_successor(r.at(200)) == 10);
  CHECK(r.at(10).predecessor()->id == test_id(200));
  for (const std::uint8_t from : {10, 30, 90, 100, 200}) {
    CHECK(r.asked(from, 95).owner.id == test_id(100));
    CHECK(r.asked(from, 100).owner.id == test_id(100));
    CHECK(r.asked(from, 101).owner.id == test_id(200));
    CHECK(r.asked(from, 201).owner.id == test_id(10));
    CHECK(r.asked(from, 5).owner.id == test_id(10));
  }
}

TEST_CASE("a predecessor that has just come is not passed over") {
  ring r{10, 30, 90};
  r.join(80, 10);
  const auto knows_it_before = [&] {
    const auto before = r.at(90).predecessor();
    return before && before->id == test_id(80);
  };
  for (int i = 0; i < 100 && !knows_it_before(); ++i)
    r.run(std::chrono::milliseconds(10));
  REQUIRE(knows_it_before());
  REQUIRE(std::ranges::find(r.at(90).known().all(), test_id(80), [](const known_node& n) {
            return n.node.id;
          }) == r.at(90).known().all().end());
  CHECK(r.asked(90, 75).owner.id == test_id(80));
}

TEST_CASE("two rings become one where each node meets the one behind itself") {
  ring r{10, 90, 200};
  r.add(30);
  r.run(seconds(1));
  for (const std::uint8_t first : {100, 250}) {
    r.join(first, 30);
    r.run(seconds(20));
  }
  REQUIRE(first_successor(r.at(10)) == 90);
  REQUIRE(first_successor(r.at(30)) == 100);
  const std::vector<std::uint8_t> all{10, 30, 90, 100, 200, 250};
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i)
      r.meet(all[i], all[(i + 1) % all.size()]);
    r.meet(all[0], 222); // of whom nobody has heard
    r.run(seconds(2));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(first_successor(r.at(all[i])) == all[(i + 1) % all.size()]);
    CHECK(r.at(all[(i + 1) % all.size()]).predecessor()->id == test_id(all[i]));
    CHECK(r.asked(all[i], 95).owner.id == test_id(100));
  }
}

TEST_CASE("the successor of a dead node answers for its keys at once") {
  ring r{10, 30, 90, 100, 200};
  r.kill(90);
  // Nobody has noticed yet.
  const auto& found = r.asked(10, 50);
  CHECK(found.owner.id == test_id(100));
  CHECK(found.tries == 1);
  r.run(seconds(30));
  CHECK(first_successor(r.at(30)) == 100);
  CHECK(r.at(100).predecessor()->id == test_id(30));
}

TEST_CASE("an owner that is only slow is not passed over") {
  ring r{10, 30, 90, 100, 200};
  // 90 is not heard by the one before it, but by its successor.
  r.lost = [](const overlay_wires::frame& f) {
    return f.to.id == test_id(90) && f.from.id != test_id(100);
  };
  CHECK(r.asked(10, 50).owner.id == test_id(90));
}

TEST_CASE("an owner that stands still for more than a second is not passed over") {
  ring r{10, 30, 90, 100, 200};
  // Who asks it and its successor know how short the way to it is.
  CHECK(r.asked(10, 50).owner.id == test_id(90));
  CHECK(r.asked(100, 85).owner.id == test_id(90));
  r.lost = [](const overlay_wires::frame& f) {
    return f.to.id == test_id(90) || f.from.id == test_id(90);
  };
  r.results.clear();
  r.look_up(10, test_id(50));
  r.run(std::chrono::milliseconds(1200));
  r.lost = [](const overlay_wires::frame&) { return false; };
  r.run(seconds(30));
  REQUIRE(r.results.size() == 1);
  CHECK(r.results.front().owner.id == test_id(90));
  CHECK(first_successor(r.at(30)) == 90);
}

TEST_CASE("a lookup for the asker's own predecessor waits for it, and no longer") {
  ring r{10, 30, 90, 100, 200};
  // Now 100 knows how short the way is, and there is nobody between the two to ask instead.
  CHECK(r.asked(100, 50).owner.id == test_id(90));
  r.lost = [](const overlay_wires::frame& f) {
    return f.to.id == test_id(90) || f.from.id == test_id(90);
  };
  const auto ends = [&](std::uint8_t owner) {
    r.run(seconds(4));
    REQUIRE(r.results.size() == 1);
    CHECK(r.results.front().owner.id == test_id(owner));
    CHECK(r.results.front().tries == 1);
  };
  r.results.clear();
  r.look_up(100, test_id(50));
  r.run(std::chrono::milliseconds(800));
  SUBCASE("it stood still for a moment") {
    r.lost = [](const overlay_wires::frame&) { return false; };
    ends(90);
  }
  SUBCASE("it is gone") {
    r.kill(90);
    ends(100);
  }
}

TEST_CASE("a node that leaves is missed by nobody") {
  ring r{10, 30, 90, 100};
  r.leave(90);
  r.deliver();
  CHECK(first_successor(r.at(30)) == 100);
  CHECK(r.at(100).predecessor()->id == test_id(30));
  CHECK(r.asked(10, 50).tries == 1);
}

TEST_CASE("only a neighbour that leaves is believed about others") {
  ring r{10, 30, 90, 100, 130, 200};
  const auto said = [&](const contact& from, std::vector<contact> predecessor) {
    std::vector<contact> made_up;
    for (std::uint8_t first = 91; first < 91 + 16; ++first)
      if (first != 100)
        made_up.push_back(overlay_wires::where(first));
    r.say(from, 90, leaving{std::move(predecessor), made_up});
  };
  said(overlay_wires::where(77), {overlay_wires::where(60)}); // a stranger
  said(overlay_wires::where(200), {});                        // one that is known
  CHECK(r.refused == std::vector<std::string_view>(2, "a node that is no neighbour says good-bye"));
  std::vector<std::uint8_t> known;
  for (const auto& one : r.at(90).successors())
    known.push_back(one.id.bytes[0]);
  CHECK(known == std::vector<std::uint8_t>{100, 130, 10, 30}); // without the one that left
  CHECK(r.at(90).predecessor()->id == test_id(30));
}

TEST_CASE("whom a neighbour that leaves names is asked before he is kept") {
  ring r{10, 30, 90, 100, 130, 200};
  std::vector<contact> named;
  for (std::uint8_t first = 101; first < 101 + 16; ++first)
    named.push_back(overlay_wires::where(first));
  named.push_back(overlay_wires::where(120));
  r.add(120); // this one is there, and the others are not
  r.say(overlay_wires::where(100), 90, leaving{{overlay_wires::where(90)}, named});
  CHECK(first_successor(r.at(90)) == 130);
  r.deliver();
  CHECK(first_successor(r.at(90)) == 120);
}

TEST_CASE("who has just gone becomes nobody's predecessor again by another's word") {
  ring r{10, 30, 90, 100};
  r.say(overlay_wires::where(30), 90, leaving{{overlay_wires::where(10)}, {}});
  REQUIRE(r.at(90).predecessor()->id == test_id(10));
  r.say(overlay_wires::where(10), 90, leaving{{overlay_wires::where(30)}, {}});
  CHECK(!r.at(90).predecessor());
}

TEST_CASE("half of a ring dies and the rest closes the gaps") {
  ring r{10, 30, 50, 70, 90, 110, 130, 150, 170, 190};
  for (const std::uint8_t dead : {30, 50, 70, 150, 170})
    r.kill(dead);
  r.run(seconds(60));
  CHECK(first_successor(r.at(10)) == 90);
  CHECK(first_successor(r.at(130)) == 190);
  CHECK(r.asked(190, 40).owner.id == test_id(90));
}

TEST_CASE("who loses everybody is alone, and says so") {
  ring r{10, 200};
  r.kill(200);
  r.run(seconds(60));
  CHECK(r.at(10).where() == chord::state::alone);
  CHECK(r.asked(10, 100).owner.id == test_id(10));
}

TEST_CASE("joining goes on until the seed answers") {
  overlay_wires w;
  w.add(10);
  w.lost = [&](const overlay_wires::frame&) { return w.now < node_time(seconds(60)); };
  w.join(90, 10);
  const auto& late = w.at(90);
  w.run(seconds(50));
  CHECK(late.where() == chord::state::joining);
  w.run(seconds(60));
  CHECK(late.where() == chord::state::joined);
  CHECK(first_successor(w.at(10)) == 90);
}

TEST_CASE("a node that starts again under its id comes in at once, as any other") {
  ring r{10, 30, 90, 100, 200};
  // Nobody has noticed that it was gone; each neighbour is asked to let it in, and one far away.
  for (const std::uint8_t seed : {10, 30, 100, 200}) {
    CAPTURE(seed);
    std::size_t frames = 0;
    r.kill(90);
    r.lost = [&](const overlay_wires::frame&) { return ++frames > 1000; };
    r.join(90, seed);
    r.run(seconds(2));
    CHECK(frames < 200);
    CHECK(r.at(90).where() == chord::state::joined);
    r.run(seconds(10));
    r.lost = [](const overlay_wires::frame&) { return false; };
    CHECK(first_successor(r.at(90)) == 100);
    CHECK(r.at(90).predecessor()->id == test_id(30));
    CHECK(first_successor(r.at(30)) == 90);
    CHECK(r.at(100).predecessor()->id == test_id(90));
    CHECK(r.asked(10, 50).owner.id == test_id(90));
    CHECK(r.asked(90, 90).owner.id == test_id(90));
  }
}

TEST_CASE("a node whose seed knows only itself does not ask in a loop") {
  overlay_wires w;
  w.add(10);
  std::size_t frames = 0;
  w.lost = [&](const overlay_wires::frame& f) {
    if (f.to.id == test_id(90))
      return false;
    // Whoever is asked takes the node itself for the owner.
    if (const auto* m = std::get_if<lookup_step>(&f.message); m != nullptr && ++frames < 1000)
      w.frames.push_back({f.to, f.from, lookup_step(*m)});
    return true;
  };
  w.join(90, 10);
  w.run(seconds(60));
  CHECK(frames < 50);
  CHECK(w.at(90).where() == chord::state::joining);
}

TEST_CASE("a lookup that nobody answers ends, and says how often it was tried") {
  ring r{10, 90, 200};
  r.lost = [](const overlay_wires::frame& f) {
    return std::holds_alternative<lookup_step>(f.message);
  };
  // Everybody still answers questions, so nobody is taken for gone.
  const auto& ended = r.asked(10, 50);
  CHECK(!ended.found);
  CHECK(ended.tries == r.settings.lookup_tries);
}

TEST_CASE("a flood of lookups is cut off by name, and over when it ends") {
  ring r{10, 30, 90, 100, 200};
  r.lost = [](const overlay_wires::frame&) { return true; };
  lookup_step step;
  step.key = test_id(150); // 200's, so it is handed on and not acknowledged
  step.origin = overlay_wires::where(77);
  for (std::uint32_t hop = 0; hop < 3000; ++hop) {
    step.hop = hop;
    r.say(step.origin, 90, step);
  }
  std::size_t taken = 0;
  for (const auto& f : r.frames)
    taken += std::holds_alternative<lookup_taken>(f.message);
  CHECK(taken == r.settings.most_under_way);
  CHECK(std::ranges::count(r.refused, "too many lookups are under way") ==
        3000 - r.settings.most_under_way);
  r.frames.clear();
  r.lost = [](const overlay_wires::frame&) { return false; };
  r.run(seconds(30));
  CHECK(r.asked(10, 150).owner.id == test_id(200));
}

namespace {

// 100 holds a lookup of 77's, whose sender had no answer from 100's predecessor.
struct ring_that_waits : ring {
  ring_that_waits() : ring{10, 30, 90, 100, 200} {
    lookup_step step;
    step.lookup = 7;
    step.last = true;
    step.key = test_id(50);
    step.origin = where(77);
    step.silent = {test_id(90)};
    say(step.origin, 100, step);
    CHECK(handed_on_to(90) == 0);
  }
  std::size_t handed_on_to(std::uint8_t first) const {
    return static_cast<std::size_t>(std::ranges::count_if(frames, [&](const auto& f) {
      return f.to.id == test_id(first) && std::holds_alternative<lookup_step>(f.message);
    }));
  }
};

} // namespace

TEST_CASE("a lookup that waits for the predecessor goes on when that says anything at all") {
  ring_that_waits r;
  r.say(overlay_wires::where(90), 100, neighbours_request{5, {}});
  CHECK(r.handed_on_to(90) == 1);
}

TEST_CASE("a lookup that waits for the predecessor goes on when there is another one") {
  ring_that_waits r;
  r.say(overlay_wires::where(95), 100, neighbours_request{5, {}});
  CHECK(r.handed_on_to(95) == 1);
  CHECK(r.handed_on_to(90) == 0);
}

TEST_CASE("a lookup does not walk back round the ring for ever") {
  std::vector<std::uint8_t> firsts;
  overlay_wires w;
  w.settings.successors = 3;
  for (std::uint8_t first = 2; first < 242; first = static_cast<std::uint8_t>(first + 4)) {
    if (firsts.empty())
      w.add(first);
    else
      w.join(first, 2);
    w.run(seconds(20));
    firsts.push_back(first);
  }
  REQUIRE(w.at(238).predecessor()->id == test_id(234));
  std::size_t steps = 0;
  w.lost = [&](const overlay_wires::frame& f) {
    steps += std::holds_alternative<lookup_step>(f.message);
    return false;
  };
  lookup_step step;
  step.last = true; // says a liar, of a key at the other end of the ring
  step.key = test_id(5);
  step.origin = overlay_wires::where(77);
  w.say(step.origin, 238, step);
  w.deliver();
  CHECK(steps == w.settings.most_hops - 1);
  REQUIRE(!w.refused.empty());
  CHECK(w.refused.back() == "a lookup went too far");
  // And nobody tries again.
  w.lost = [&](const overlay_wires::frame& f) {
    const auto* m = std::get_if<lookup_step>(&f.message);
    steps += m != nullptr && m->key == step.key;
    return false;
  };
  w.run(seconds(30));
  CHECK(steps == w.settings.most_hops - 1);
}

TEST_CASE("answers that were not asked for change nothing") {
  ring r{10, 90, 200};
  const contact stranger{test_id(95), {}};
  const auto& node = r.at(90);
  r.say(stranger, 90, i_am_here{1});
  r.say(stranger, 90, lookup_found{1, 0, {}});
  r.say(stranger, 90, lookup_taken{1});
  r.say(stranger, 90, neighbours_reply{1, {}, {stranger}});
  r.say(stranger, 90, known_reply{1, {stranger}});
  r.say(stranger, 90, closest_reply{1, {stranger}, {stranger}});
  r.deliver();
  CHECK(r.results.empty());
  CHECK(first_successor(node) == 200);
}

TEST_CASE("messages no honest node sends are refused by name") {
  ring r{10, 90, 200};
  const contact stranger{test_id(95), {}};
  const std::vector<contact> many(2000, stranger);
  const auto& node = r.at(90);
  lookup_step far;
  far.hops = r.settings.most_hops;
  r.say(stranger, 90, far);
  lookup_step silent;
  silent.silent.resize(500);
  r.say(stranger, 90, silent);
  r.say(stranger, 90, lookup_found{1, 0, many});
  r.say(stranger, 90, neighbours_reply{1, {}, many});
  r.say(stranger, 90, neighbours_reply{1, {stranger, stranger}, {}});
  r.say(stranger, 90, leaving{{}, many});
  r.say(stranger, 90, known_reply{1, many});
  closest_request question;
  question.silent.resize(500);
  r.say(stranger, 90, question);
  r.say(stranger, 90, closest_reply{1, {}, many});
  CHECK(r.refused.size() == 9);
  CHECK(r.refused.front() == "a lookup went too far");
  CHECK(first_successor(node) == 200);
}
