// Records on small rings: where they are kept, and that they outlive their keepers.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "tests/actors/overlay/wires.hpp"

using namespace dci;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

using bytes = std::vector<std::uint8_t>;

struct ring : overlay_wires {
  explicit ring(std::initializer_list<std::uint8_t> firsts) {
    settle(firsts);
  }
  record_result published(std::uint8_t from, std::uint8_t name, bytes value) {
    record_results.clear();
    publish(from, name, std::move(value));
    return ended();
  }
  record_result asked(std::uint8_t from, std::uint8_t name) {
    record_results.clear();
    read(from, name);
    return ended();
  }
  // The first value, if there is exactly one.
  std::optional<bytes> value(std::uint8_t from, std::uint8_t name) {
    const auto r = asked(from, name);
    return r.done && r.records.size() == 1 ? std::optional(r.records.front()->value) : std::nullopt;
  }
  // Who holds something under the name.
  std::vector<std::uint8_t> holders(std::uint8_t name) const {
    std::vector<std::uint8_t> out;
    for (const auto& [first, node] : nodes)
      if (!node->keeper().shelf().find(test_id(name)).empty())
        out.push_back(first);
    return out;
  }

 private:
  record_result ended() {
    for (int i = 0; i < 20 && record_results.empty(); ++i)
      run(seconds(1));
    REQUIRE(record_results.size() == 1);
    return record_results.front();
  }
};

using who = std::vector<std::uint8_t>;

} // namespace

TEST_CASE("a record is kept by the first nodes at or after its name, and read by all") {
  ring r{10, 30, 90, 100, 200, 220};
  const auto done = r.published(10, 50, {7});
  CHECK(done.done);
  CHECK(done.tries == 1);
  CHECK(r.holders(50) == who{90, 100, 200});
  for (const std::uint8_t reader : {10, 30, 90, 100, 200, 220})
    CHECK(r.value(reader, 50) == bytes{7});
  CHECK(r.asked(30, 51).records.empty());
  CHECK(r.asked(30, 51).done);
}

TEST_CASE("a node alone keeps its records itself") {
  ring r{10};
  CHECK(r.published(10, 50, {7}).done);
  CHECK(r.value(10, 50) == bytes{7});
}

TEST_CASE("what is published again replaces what was there") {
  ring r{10, 30, 90, 100};
  r.published(10, 50, {7});
  r.published(10, 50, {8});
  CHECK(r.value(30, 50) == bytes{8});
}

TEST_CASE("several publishers have one each under a name") {
  ring r{10, 30, 90, 100};
  for (const std::uint8_t from : {10, 30, 90})
    r.published(from, 50, bytes(600, from)); // two do not fit in one answer
  const auto read = r.asked(100, 50);
  REQUIRE(read.records.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(read.records[i]->value.front() == std::array{10, 30, 90}[i]);
}

TEST_CASE("when the owner dies its successor answers at once, and there is a new copy") {
  ring r{10, 30, 90, 100, 200, 220};
  r.published(10, 50, {7});
  r.kill(90);
  const auto read = r.asked(30, 50);
  CHECK(read.records.size() == 1);
  CHECK(read.tries == 1);
  r.run(minutes(2));
  CHECK(r.holders(50) == who{100, 200, 220});
}

TEST_CASE("two of three keepers die one after the other, and nothing is lost") {
  ring r{10, 30, 90, 100, 200, 220};
  for (std::uint8_t name = 31; name < 90; ++name)
    r.published(10, name, {name});
  r.kill(90);
  r.run(minutes(2));
  r.kill(100);
  r.run(minutes(2));
  for (std::uint8_t name = 31; name < 90; ++name) {
    CAPTURE(name);
    CHECK(r.holders(name) == who{10, 200, 220});
    CHECK(r.value(30, name) == bytes{name});
  }
}

TEST_CASE("who comes between fetches what is his, and until then the one behind answers") {
  ring r{10, 30, 90, 100, 200};
  r.published(10, 50, {7});
  // The new one does not get anything yet.
  r.lost = [](const overlay_wires::frame& f) {
    return std::holds_alternative<records_reply>(f.message);
  };
  r.join(60, 10);
  r.run(seconds(20));
  CHECK(r.at(90).predecessor()->id == test_id(60));
  CHECK(!r.keeper(60).is_settled());
  const auto early = r.asked(200, 50);
  CHECK(early.records.size() == 1);
  CHECK(early.redirected);
  CHECK(early.tries == 1);
  r.lost = [](const overlay_wires::frame&) { return false; };
  r.run(seconds(20));
  CHECK(r.keeper(60).is_settled());
  const auto late = r.asked(200, 50);
  CHECK(late.records.size() == 1);
  CHECK(!late.redirected);
  // Who is not needed any more drops it in the end.
  r.run(minutes(10));
  CHECK(r.holders(50) == who{60, 90, 100});
}

TEST_CASE("who has just come and has one of several publishers sends on to who has all") {
  ring r{10, 30, 90, 100, 200};
  r.published(10, 50, {7});
  r.lost = [](const overlay_wires::frame& f) {
    return std::holds_alternative<records_reply>(f.message);
  };
  r.join(60, 10);
  r.run(seconds(20));
  r.published(30, 50, {8});
  REQUIRE(r.keeper(60).shelf().find(test_id(50)).size() == 1);
  CHECK(r.asked(200, 50).records.size() == 2);
}

namespace {

// A keeper by itself; what it says is in out.
struct one_keeper {
  overlay_wires w;
  record_keeper keeper{overlay_wires::where(60), w.records, w.world, random_source(1)};
  overlay_output out;

  // Runs until it compares, and agrees with whom it asks.
  void agree(const ring_place& place, node_time until) {
    keeper.move(place, w.now);
    for (; w.now < until; w.now += seconds(1)) {
      if (keeper.next_tick() <= w.now)
        keeper.tick(w.now, out);
      answer(w.now);
    }
  }
  void answer(node_time now) {
    for (const auto& [to, message] : std::exchange(out.sends, {}))
      if (const auto* m = std::get_if<range_check>(&message))
        keeper.receive(to, range_state{m->nonce, m->digest}, now, out);
  }
};

} // namespace

TEST_CASE("who hears of his predecessor first has not settled before he has compared") {
  one_keeper k;
  const auto before = overlay_wires::where(30), behind = overlay_wires::where(90);
  k.keeper.move({before, {}}, k.w.now);
  k.keeper.move({before, {behind}}, k.w.now);
  CHECK(!k.keeper.is_settled());
  k.agree({before, {behind}}, node_time(seconds(5)));
  CHECK(k.keeper.is_settled());
}

TEST_CASE("what was compared for another range says nothing of the new one") {
  one_keeper k;
  const auto behind = overlay_wires::where(90);
  k.keeper.move({overlay_wires::where(50), {behind}}, k.w.now);
  k.w.now += seconds(2);
  k.keeper.tick(k.w.now, k.out);
  // Its predecessor dies while the question is under way.
  k.keeper.move({overlay_wires::where(30), {behind}}, k.w.now);
  k.answer(k.w.now);
  CHECK(!k.keeper.is_settled());
  k.agree({overlay_wires::where(30), {behind}}, node_time(seconds(10)));
  CHECK(k.keeper.is_settled());
}

TEST_CASE("what is held already is not handed on again, nor another one under its version") {
  ring r{10, 30, 90, 100, 200};
  r.published(10, 50, {7});
  auto other = *r.keeper(90).shelf().find(test_id(50)).front();
  other.value = {8};
  other.signed_by_publisher = {};
  r.say(ring::where(10), 90, store_request{1, std::make_shared<const overlay_record>(other)});
  CHECK(r.frames.size() == 1);
  CHECK(std::holds_alternative<store_reply>(r.frames.front().message));
  r.deliver();
  CHECK(r.value(30, 50) == bytes{7});
}

TEST_CASE("who leaves hands over first what its successor lacks") {
  ring r{10, 30, 90, 100, 200};
  r.lost = [](const overlay_wires::frame& f) {
    return std::holds_alternative<replicate>(f.message);
  };
  r.published(10, 50, {7});
  CHECK(r.holders(50) == who{90});
  r.lost = [](const overlay_wires::frame&) { return false; };
  r.leave(90);
  r.deliver();
  r.kill(90);
  CHECK(r.holders(50) == who{100});
  const auto read = r.asked(30, 50);
  CHECK(read.records.size() == 1);
  CHECK(read.tries == 1);
}

TEST_CASE("who leaves sends nothing that is there already") {
  ring r{10, 30, 90, 100, 200};
  r.published(10, 50, {7});
  r.run(minutes(1));
  r.leave(90);
  CHECK(std::ranges::none_of(r.frames, [](const overlay_wires::frame& f) {
    return std::holds_alternative<replicate>(f.message);
  }));
}

TEST_CASE("where nothing is found it is looked for once more") {
  ring r{10, 30, 90, 100};
  r.published(10, 50, {7});
  // As if the first answer came from a node that has just come.
  bool is_first = true;
  r.lost = [&](const overlay_wires::frame& f) {
    const auto* m = std::get_if<fetch_request>(&f.message);
    if (m == nullptr || !std::exchange(is_first, false))
      return false;
    r.frames.push_back({f.to, f.from, fetch_reply{m->nonce, {}, false, {}}});
    return true;
  };
  const auto read = r.asked(30, 50);
  CHECK(read.records.size() == 1);
  CHECK(read.tries == 2);
}

TEST_CASE("who promises more for ever is not asked for ever") {
  ring r{10, 30, 90, 100};
  r.published(10, 50, {7});
  const auto junk = r.asked(30, 50).records.front(); // the same one again and again
  std::size_t asked = 0;
  r.lost = [&](const overlay_wires::frame& f) {
    const auto* m = std::get_if<fetch_request>(&f.message);
    if (m == nullptr || ++asked > 100)
      return m != nullptr;
    r.frames.push_back({f.to, f.from, fetch_reply{m->nonce, {}, true, {junk}}});
    return true;
  };
  const auto read = r.asked(30, 50);
  CHECK(read.records.size() == 1);
  CHECK(asked == 2);
  CHECK(std::ranges::find(r.refused, "a record that nobody asked for") != r.refused.end());
}

TEST_CASE("clocks that are hours off cost their own node's records only") {
  ring r{10, 30, 90, 100};
  const auto right = r.world.clock;
  for (const auto& [hours, reason] :
       {std::pair{-3, store_outcome::expired}, std::pair{3, store_outcome::too_long}}) {
    CAPTURE(hours);
    // The publisher's clock only: it signs, then all go by the right one.
    r.world.clock = [&](node_time t) {
      return right(t) + static_cast<std::uint64_t>(3600 * hours);
    };
    r.record_results.clear();
    r.publish(30, 50, {7});
    r.world.clock = right;
    r.run(seconds(10));
    REQUIRE(r.record_results.size() == 1);
    CHECK(!r.record_results.front().done);
    CHECK(r.record_results.front().outcome == reason);
    CHECK(r.holders(50).empty());
    r.nodes.at(30)->withdraw(test_id(50));
  }
  CHECK(r.published(10, 50, {7}).done);
}

TEST_CASE("records are published again, and end when they are not") {
  ring r{10, 30, 90, 100};
  r.published(10, 50, {7});
  r.run(minutes(90));
  CHECK(r.value(30, 50) == bytes{7});
  r.nodes.at(10)->withdraw(test_id(50));
  r.run(minutes(90));
  CHECK(r.holders(50).empty());
}
