// What a node keeps of what it is given.
#include <doctest/doctest.h>

#include <algorithm>

#include "actors/packed_size.hpp"
#include "tests/actors/overlay/wires.hpp"

using namespace dci;
using std::chrono::seconds;

namespace {

constexpr auto birthday = overlay_wires::birthday;

struct shelf_test {
  record_settings settings;
  test_record_seal seal;
  record_shelf shelf{settings, seal};

  record_ptr record(std::uint8_t name, std::uint8_t publisher, std::uint64_t version = 1,
                    std::size_t bytes = 10, std::uint64_t expires = birthday + 600) {
    overlay_record r{test_id(name), test_id(publisher), version, expires, {}, {}, {}};
    r.value.assign(bytes, 5);
    seal.sign(r);
    return std::make_shared<const overlay_record>(r);
  }
  store_outcome put(record_ptr r) {
    return shelf.put(r, birthday, node_time(seconds(60)));
  }
};

} // namespace

TEST_CASE("a newer version replaces an older one, and is not replaced by it") {
  shelf_test t;
  CHECK(t.put(t.record(50, 1, 7)) == store_outcome::stored);
  CHECK(t.put(t.record(50, 1, 9)) == store_outcome::stored);
  CHECK(t.put(t.record(50, 1, 8)) == store_outcome::stale);
  CHECK(t.put(t.record(50, 1, 9)) == store_outcome::stored); // again
  CHECK(t.shelf.size() == 1);
  CHECK(t.shelf.find(test_id(50)).front()->version == 9);
  CHECK(t.shelf.find(record_tag{test_id(50), test_id(1), 9}));
  CHECK(!t.shelf.find(record_tag{test_id(50), test_id(1), 10}));
}

TEST_CASE("what is forged, expired, too long or too large is refused by name") {
  shelf_test t;
  auto forged = *t.record(50, 1);
  forged.signed_by_publisher = {};
  CHECK(t.put(std::make_shared<const overlay_record>(forged)) == store_outcome::forged);
  CHECK(t.put(t.record(50, 1, 1, 10, birthday)) == store_outcome::expired);
  CHECK(t.put(t.record(50, 1, 1, 10, birthday - 7200)) == store_outcome::expired);
  CHECK(t.put(t.record(50, 1, 1, 10, birthday + 7200)) == store_outcome::too_long);
  CHECK(t.put(t.record(50, 1, 1, 10, ~0ull)) == store_outcome::too_long);
  CHECK(t.put(t.record(50, 1, 1, t.settings.most_value_bytes + 1)) == store_outcome::too_large);
  CHECK(t.shelf.size() == 0);
  CHECK(t.shelf.bytes() == 0);
  CHECK(to_string(store_outcome::too_long) == "a record claims to be good for too long");
}

TEST_CASE("a flood is refused by name: of one publisher, of all, and of publishers of one name") {
  shelf_test t;
  t.settings.most_publishers = 4;
  for (std::uint8_t i = 1; i <= 4; ++i)
    CHECK(t.put(t.record(50, i)) == store_outcome::stored);
  CHECK(t.put(t.record(50, 5)) == store_outcome::name_full);
  CHECK(t.put(t.record(50, 4, 2)) == store_outcome::stored); // not a new one
  CHECK(t.put(t.record(51, 5)) == store_outcome::stored);

  const auto bytes = packed_size(*t.record(60, 9));
  t.settings.most_bytes_of_publisher = 3 * bytes;
  for (std::uint8_t name = 60; name < 63; ++name)
    CHECK(t.put(t.record(name, 9)) == store_outcome::stored);
  CHECK(t.put(t.record(63, 9)) == store_outcome::publisher_full);
  CHECK(t.put(t.record(60, 9, 2, 11)) == store_outcome::publisher_full); // longer than before
  CHECK(t.put(t.record(60, 9, 2, 9)) == store_outcome::stored);

  t.settings.most_bytes = t.shelf.bytes() + bytes;
  CHECK(t.put(t.record(70, 8)) == store_outcome::stored);
  CHECK(t.put(t.record(71, 8)) == store_outcome::full);
  // Where something ends there is room again.
  t.shelf.drop_expired(birthday + 600);
  CHECK(t.shelf.size() == 0);
  CHECK(t.shelf.bytes() == 0);
  CHECK(t.put(t.record(71, 8)) == store_outcome::stored);
}

TEST_CASE("a name that others have filled still takes the record of the node itself") {
  shelf_test t;
  t.settings.most_publishers = 4;
  for (std::uint8_t i = 1; i <= 4; ++i)
    CHECK(t.put(t.record(50, i)) == store_outcome::stored);
  CHECK(t.put(t.record(50, 60)) == store_outcome::name_full);
  CHECK(t.put(t.record(50, 50)) == store_outcome::stored);
}

TEST_CASE("where there is no more room, others' records make room for the node's own") {
  shelf_test t;
  t.shelf.own(test_id(40), test_id(60));
  for (const std::uint8_t name : {10, 45, 100, 200})
    CHECK(t.shelf.put(t.record(name, 1), birthday, node_time(seconds(name))) ==
          store_outcome::stored);
  t.settings.most_bytes = t.shelf.bytes();
  CHECK(t.put(t.record(210, 1)) == store_outcome::full); // as little its own as the others
  auto forged = *t.record(50, 1);
  forged.signed_by_publisher = {};
  CHECK(t.put(std::make_shared<const overlay_record>(forged)) == store_outcome::forged);
  CHECK(t.shelf.size() == 4);
  CHECK(t.put(t.record(50, 1)) == store_outcome::stored);
  CHECK(t.shelf.find(test_id(10)).empty()); // it was wanted least long
  CHECK(t.put(t.record(51, 1)) == store_outcome::stored);
  CHECK(t.put(t.record(52, 1)) == store_outcome::stored);
  CHECK(t.put(t.record(53, 1)) == store_outcome::full);
  CHECK(t.shelf.size() == 4);
  CHECK(t.shelf.bytes() == t.settings.most_bytes);
}

TEST_CASE("a node alone owns all names, and nothing makes room") {
  shelf_test t;
  CHECK(t.put(t.record(10, 1)) == store_outcome::stored);
  t.settings.most_bytes = t.shelf.bytes();
  CHECK(t.put(t.record(50, 1)) == store_outcome::full);
  CHECK(t.shelf.find(test_id(10)).size() == 1);
}

TEST_CASE("ranges go clockwise and wrap") {
  shelf_test t;
  for (const std::uint8_t name : {10, 50, 200, 250})
    t.put(t.record(name, 1));
  const auto names = [&](std::uint8_t after, std::uint8_t until) {
    std::vector<std::uint8_t> out;
    t.shelf.for_each(test_id(after), test_id(until),
                     [&](const record_ptr& r) { out.push_back(r->name.bytes[0]); });
    return out;
  };
  using list = std::vector<std::uint8_t>;
  CHECK(names(10, 200) == list{50, 200});
  CHECK(names(200, 50) == list{250, 10, 50});
  CHECK(names(60, 60) == list{200, 250, 10, 50});
  CHECK(names(51, 199).empty());
}

TEST_CASE("digests tell sets of versions apart") {
  shelf_test a, b;
  for (const std::uint8_t name : {10, 50})
    a.put(a.record(name, 1));
  for (const std::uint8_t name : {50, 10})
    b.put(b.record(name, 1));
  const auto all = test_id(0);
  CHECK(a.shelf.digest(all, all) == b.shelf.digest(all, all));
  CHECK(a.shelf.digest(all, test_id(20)) != a.shelf.digest(all, all));
  b.put(b.record(50, 1, 2));
  CHECK(a.shelf.digest(all, all) != b.shelf.digest(all, all));
  CHECK(a.shelf.digest(all, test_id(20)) == b.shelf.digest(all, test_id(20)));
}

TEST_CASE("what nobody wants is dropped") {
  shelf_test t;
  t.put(t.record(10, 1));
  t.put(t.record(50, 1));
  t.shelf.want(test_id(40), test_id(60), node_time(seconds(90)));
  t.shelf.drop_unwanted(node_time(seconds(61)));
  CHECK(t.shelf.find(test_id(10)).empty());
  CHECK(t.shelf.find(test_id(50)).size() == 1);
}

TEST_CASE("records that are wrong or not asked for reach no shelf, and are refused by name") {
  overlay_wires w;
  w.settle({10, 90, 200});
  shelf_test t;
  const auto stranger = overlay_wires::where(77), before = overlay_wires::where(10);
  const auto forged = [&](std::uint8_t name, std::uint8_t publisher) {
    auto r = *t.record(name, publisher);
    r.signed_by_publisher = {};
    return std::make_shared<const overlay_record>(r);
  };
  w.say(stranger, 90, store_request{1, t.record(150, 77)}); // 200's
  w.say(stranger, 90, store_request{1, forged(50, 77)});
  w.say(stranger, 90, store_request{1, t.record(50, 1)}); // 1's
  w.say(stranger, 90, replicate{{t.record(60, 1)}});
  w.say(before, 90, replicate{{forged(5, 1)}});
  w.say(before, 90, replicate{{t.record(60, 1)}}); // 90's own
  w.say(stranger, 90, records_reply{1, {t.record(50, 1)}});
  w.say(before, 90, range_tags{1, test_id(200), test_id(10), std::vector<record_tag>(100), {}});
  w.say(stranger, 90, range_tags_reply{1, {}, std::vector<record_tag>(1)});
  w.say(stranger, 90, records_request{1, std::vector<record_tag>(100), {}});
  w.say(stranger, 90, range_state{1, 0});
  w.say(stranger, 90, store_reply{1, store_outcome::stored});
  w.say(stranger, 90, fetch_reply{1, {}, false, {t.record(50, 1)}});
  w.deliver();
  CHECK(w.keeper(90).shelf().size() == 0);
  CHECK(w.record_results.empty());
  const std::vector<std::string_view> said{"a record belongs to another node",
                                           "a record is not signed by its publisher",
                                           "a record does not come from its publisher",
                                           "copies of a node's records that are kept elsewhere",
                                           "a record is not signed by its publisher",
                                           "a record belongs to another node",
                                           "a list of records is too long",
                                           "a list of records is too long"};
  CHECK(w.refused == said);
}

TEST_CASE("a name of which a page has no room for all publishers comes whole on the next") {
  overlay_wires w;
  w.settle({10, 90, 200});
  shelf_test t;
  const auto from = overlay_wires::where(10);
  for (const std::uint8_t name : {2, 5})
    for (std::uint8_t publisher = 1; publisher <= 9; ++publisher)
      w.say(from, 90, replicate{{t.record(name, publisher, 1, 10, w.world.clock(w.now) + 60)}});
  REQUIRE(w.keeper(90).shelf().size() == 18);
  const auto page_after = [&](std::uint8_t after) {
    w.frames.clear();
    w.say(from, 90, range_tags{1, test_id(after), test_id(10), {}, {1000}});
    REQUIRE(w.frames.size() == 1);
    return std::get<range_tags_reply>(w.frames.front().message);
  };
  const auto first = page_after(200);
  CHECK(first.tags.size() == 9);
  CHECK(first.until == test_id(2));
  const auto second = page_after(2);
  CHECK(second.tags.size() == 9);
  CHECK(second.tags.front().name == test_id(5));
  CHECK(second.until == test_id(10));
}

TEST_CASE("nobody has records kept that are not his to hand on") {
  overlay_wires w;
  w.settle({10, 30, 90, 200});
  shelf_test t;
  w.say(overlay_wires::where(55), 90,
        store_request{1, t.record(50, 55, 1, 10, w.world.clock(w.now) + 900)});
  w.frames.clear(); // so nobody has a copy, and nobody is told to drop it
  REQUIRE(w.keeper(90).shelf().size() == 1);
  const auto last = overlay_wires::where(200), liar = overlay_wires::where(60);
  const auto whole = test_id(0);
  w.say(last, 90, range_check{1, whole, whole, 0});
  w.say(last, 90, range_check{1, test_id(30), test_id(90), 0});
  w.say(last, 90, range_tags{1, test_id(80), test_id(200), {}, {}}); // 90 itself lies between
  w.say(liar, 90, range_check{1, test_id(90), test_id(60), 0});      // nobody stands there
  CHECK(w.frames.empty());
  const std::vector<std::string_view> said{"a node compares records that are not its own",
                                           "a node compares records that are not its own",
                                           "a node compares records that are not its own",
                                           "copies of a node's records that are kept elsewhere"};
  CHECK(w.refused == said);
  w.say(last, 90, range_check{1, test_id(90), test_id(200), 0});
  CHECK(w.frames.size() == 1);
}

TEST_CASE("no answer about records is longer than its question") {
  overlay_wires w;
  w.settle({10, 90, 200});
  shelf_test t;
  const auto from = overlay_wires::where(10);
  for (std::uint8_t publisher = 1; publisher < 9; ++publisher)
    w.say(overlay_wires::where(publisher), 90,
          store_request{1, t.record(50, publisher, 1, 600, w.world.clock(w.now) + 60)});
  for (std::uint8_t publisher = 1; publisher < 9; ++publisher)
    w.say(from, 90, replicate{{t.record(5, publisher, 1, 600, w.world.clock(w.now) + 60)}});
  REQUIRE(w.keeper(90).shelf().size() == 16);
  const auto answer_to = [&](const overlay_message& question, std::size_t most_answers = 1) {
    w.frames.clear();
    w.say(from, 90, question);
    std::size_t answers = 0;
    for (const auto& f : w.frames)
      if (f.to == from) {
        ++answers;
        CHECK(packed_size(f.message) <= packed_size(question));
      }
    CHECK(answers >= 1);
    CHECK(answers <= most_answers);
  };
  const record_tag tag{test_id(50), test_id(1), 1};
  for (const std::uint32_t room : {0u, 200u, 800u, 1100u}) {
    CAPTURE(room);
    answer_to(fetch_request{~0u, test_id(50), {}, false, {room}});
    answer_to(fetch_request{~0u, test_id(50), {}, true, {room}});
    answer_to(records_request{~0u, {tag, tag, tag}, {room}});
    answer_to(range_tags{~0u, test_id(200), test_id(10), {}, {room}});
    const record_tag lacking{test_id(5), test_id(77), 1};
    answer_to(range_tags{~0u, test_id(200), test_id(10), {lacking}, {room}}, room >= 1100 ? 2 : 1);
  }
  answer_to(range_check{~0u, test_id(200), test_id(10), 1});
}
