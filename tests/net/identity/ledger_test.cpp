#include "net/identity/ledger.hpp"

#include "runtime/base/json_codec.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {
namespace {

const std::string node_a(64, 'a'), node_b(64, 'b');

ledger sample() {
  ledger out;
  out.list_number = 5;
  out.issued = {{"0a", node_a, 100, 0, ""}, {"0b", node_a, 200, 50, "superseded"}};
  out.barred = {{node_b, 60, "key_compromise"}};
  return out;
}

TEST_CASE("a ledger comes back as it was written") {
  const auto text = must(write_ledger(sample()));
  const auto back = must(parse_ledger("l", text));
  CHECK(must(write_ledger(back)) == text);
  CHECK(back.list_number == 5);
  REQUIRE(back.issued.size() == 2);
  CHECK(back.issued[1].serial == "0b");
  CHECK(back.issued[1].reason == "superseded");
  REQUIRE(back.find_barred(node_b) != nullptr);
  CHECK(back.find_barred(node_b)->reason == "key_compromise");
  CHECK(back.find_barred(node_a) == nullptr);
}

TEST_CASE("what a node holds is what has not ended and was not revoked") {
  ledger book;
  book.issued = {{"0a", node_a, 100, 0, "", 0},
                 {"0b", node_a, 200, 50, "superseded", 10},
                 {"0c", node_a, 200, 0, "", 100},
                 {"0d", node_b, 900, 0, "", 100},
                 {"0e", node_a, 110, 0, "", 50}};
  const auto held = [&](std::int64_t when) {
    return book.held_by(node_a, wall_time{std::chrono::seconds{when}});
  };
  CHECK(held(100).all == 3);
  CHECK(held(100).young == 1); // 0a is of a time when nobody wrote down when
  CHECK(held(101).all == 2);
  CHECK(held(149).young == 1);
  CHECK(held(150).young == 0); // half over
  CHECK(held(200).all == 1);
  CHECK(held(201).all == 0);
  CHECK(book.held_by(std::string(64, 'c'), now).all == 0);
}

TEST_CASE("what ended is forgotten, who is barred is not") {
  auto book = sample();
  book.forget_ended(wall_time{200s});
  REQUIRE(book.issued.size() == 1);
  CHECK(book.issued[0].serial == "0b");
  book.forget_ended(wall_time{201s});
  CHECK(book.issued.empty());
  CHECK(book.barred.size() == 1);
}

TEST_CASE("a damaged ledger is refused, with the place") {
  const auto good = to_json_value(sample());
  const auto refuses = [](const json& value, std::string_view words) {
    const auto text = value.dump();
    CAPTURE(text);
    const auto read = parse_ledger("l", text);
    CHECK(has(why(read), words));
    CHECK(read.error().code == errc::bad_file);
    CHECK(read.error().message.starts_with("l: "));
  };
  for (const auto& [path, value] :
       std::vector<std::pair<const char*, json>>{{"/issued/0/serial", ""},
                                                 {"/issued/0/serial", "A0"},
                                                 {"/issued/0/serial", "0"},
                                                 {"/issued/0/serial", "0010"},
                                                 {"/issued/0/serial", std::string(42, 'a')},
                                                 {"/issued/0/node", "aa"},
                                                 {"/issued/0/not_after", -1},
                                                 {"/issued/0/issued_at", -1},
                                                 {"/issued/0/not_after", 253402300800},
                                                 {"/issued/0/revoked_at", -1},
                                                 {"/issued/0/reason", "boredom"},
                                                 {"/barred/0/node", ""},
                                                 {"/barred/0/since", -1},
                                                 {"/barred/0/reason", ""}}) {
    CAPTURE(path);
    auto bad = good;
    bad[json::json_pointer(path)] = value;
    refuses(bad, std::string_view(path).substr(0, std::string_view(path).rfind('/')));
  }
  auto bad = good;
  bad["more"] = 1;
  refuses(bad, "more");
  bad = good;
  bad["is\nsued"] = 1;
  refuses(bad, "is?sued");
  bad = good;
  bad.erase("issued");
  refuses(bad, "issued");
  bad = good;
  bad["list_number"] = -1;
  refuses(bad, "/list_number");
  CHECK(has(why(parse_ledger("l", "")), "not JSON"));
  CHECK(has(why(parse_ledger("l", std::string(100000, '['))), "not JSON"));
  CHECK(has(why(parse_ledger("l", std::string(max_ledger_bytes + 1, ' '))), "limit"));
}

TEST_CASE("a ledger that could not be read again is not written") {
  ledger book;
  book.issued.assign(120000, {std::string(32, 'a'), node_a, 100, 0, ""});
  CHECK(has(why(write_ledger(book)), "larger than 16 MiB"));
}

} // namespace
} // namespace dci::test
