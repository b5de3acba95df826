#include <doctest/doctest.h>

#include <random>

#include "tensors/text/text_stream.hpp"
#include "tensors/text/utf8.hpp"
#include "tests/text/fixtures.hpp"

using namespace dci;
using namespace dci::test;

namespace {

using strings = std::vector<std::string>;

// What each push gives, and finish.
strings streamed(text_stream& stream, const ids& tokens) {
  strings out;
  for (const token_id id : tokens) {
    out.push_back(stream.push(id));
    CHECK(text::scan_utf8(out.back()).valid == out.back().size());
  }
  out.push_back(stream.finish());
  return out;
}

std::string joined(const strings& parts) {
  std::string out;
  for (const auto& p : parts)
    out += p;
  return out;
}

} // namespace

TEST_CASE("an emoji split over tokens comes out whole") {
  const auto t = make(byte_level_json({}));
  text_stream stream(t);
  CHECK(streamed(stream, bytes("a\U0001F600b")) == strings{"a", "", "", "", "\U0001F600", "b", ""});
  text_stream cut_off(t);
  CHECK(streamed(cut_off, bytes("a\xF0\x9F")) == strings{"a", "", "", "\ufffd"});
  text_stream broken(t);
  CHECK(streamed(broken, bytes("\xF0\x9F(")) == strings{"", "", "\ufffd(", ""});
}

TEST_CASE("byte tokens of the metaspace kind") {
  const auto t = make(metaspace_json());
  const auto as_bytes = [](std::string_view text) {
    ids out = bytes(text);
    for (auto& id : out)
      id += 3;
    return out;
  };
  text_stream stream(t);
  CHECK(streamed(stream, as_bytes("\u00e9\U0001F600")) ==
        strings{"", "\u00e9", "", "", "", "\U0001F600", ""});
  // What is out stays out; the rest of the run is replaced byte by byte.
  text_stream broken(t);
  CHECK(streamed(broken, as_bytes("x\xC3yz")) == strings{"x", "", "\ufffd\ufffd", "\ufffd", ""});
  text_stream cut_off(t);
  CHECK(streamed(cut_off, as_bytes("\xF0\x9F")) == strings{"", "", "\ufffd\ufffd"});
}

TEST_CASE("a continuation keeps its leading space, a beginning does not") {
  const auto t = make(metaspace_json());
  text_stream beginning(t);
  CHECK(streamed(beginning, {263, 263}) == strings{"a", " a", ""});
  text_stream after_bos(t, {}, ids{1});
  CHECK(streamed(after_bos, {263}) == strings{"a", ""});
  text_stream continuation(t, {}, ids{1, 265});
  CHECK(streamed(continuation, {263, 263}) == strings{" a", " a", ""});
}

TEST_CASE("special tokens are left out") {
  const auto t = make(byte_level_json({}));
  text_stream stream(t);
  CHECK(streamed(stream, {'a', 256, 257, 'b', 999, -1}) ==
        strings{"a", "", "<note>", "b", "", "", ""});
}

TEST_CASE("stop strings") {
  const auto t = make(byte_level_json({{"t", "o"}, {"to", "p"}}));
  SUBCASE("found within a token and over several") {
    text_stream stream(t, {"op", "##"});
    CHECK(streamed(stream, {'a', 257, 'b'}) == strings{"a", "t", "", ""});
    CHECK(stream.stopped());
    text_stream over(t, {"op", "##"});
    CHECK(streamed(over, {'a', '#', 'b', '#', '#', 'c'}) == strings{"a", "", "#b", "", "", "", ""});
    CHECK(over.stopped());
  }
  SUBCASE("what turns out not to be one is given out") {
    text_stream stream(t, {"abc"});
    CHECK(streamed(stream, bytes("aabab")) == strings{"", "a", "", "ab", "", "ab"});
    CHECK_FALSE(stream.stopped());
    text_stream repeated(t, {"aab"});
    CHECK(joined(streamed(repeated, bytes("caaabd"))) == "ca");
    CHECK(repeated.stopped());
  }
  SUBCASE("the first that is complete counts, the longest of those complete at once") {
    text_stream first(t, {"bcde", "cd"});
    CHECK(joined(streamed(first, bytes("abcde"))) == "ab");
    text_stream longest(t, {"cd", "bcd"});
    CHECK(joined(streamed(longest, bytes("abcd"))) == "a");
  }
  SUBCASE("characters, unfinished text, and strings that never match") {
    text_stream emoji(t, {"\U0001F600"});
    CHECK(joined(streamed(emoji, bytes("a\U0001F600b"))) == "a");
    text_stream other(t, {"\U0001F600"});
    CHECK(streamed(other, bytes("\U0001F601")) == strings{"", "", "", "\U0001F601", ""});
    text_stream odd(t, {"", "\x98"});
    CHECK(joined(streamed(odd, bytes("a\U0001F600"))) == "a\U0001F600");
    CHECK_FALSE(odd.stopped());
    text_stream at_end(t, {"\ufffd"});
    CHECK(joined(streamed(at_end, bytes("a\xF0"))) == "a");
    CHECK(at_end.stopped());
  }
}

TEST_CASE("streaming gives what decode gives, whatever the ids") {
  std::mt19937 random(11);
  const auto t = make(byte_level_json({{"a", "b"}, {"\xC3", "\xA9"}, {"\x9F", "\x98"}}));
  for (int round = 0; round < 300; ++round) {
    ids tokens;
    for (int i = 0; i < 30; ++i)
      tokens.push_back(
          static_cast<token_id>(random() % 2 == 0 ? random() % 262 : 0x80 + random() % 0x80));
    text_stream stream(t);
    CHECK(joined(streamed(stream, tokens)) == t->decode(tokens, true));
  }
}

TEST_CASE("the other decoders stream as well") {
  const auto with = [](const char* decoder) {
    auto json = metaspace_json();
    json["decoder"] = nlohmann::json::parse(decoder);
    return make(json);
  };
  const ids tokens = {263, 265, 260, 259, 3 + 'x', 262, 259, 259};
  for (const char* decoder :
       {R"({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"})",
        R"({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"})",
        R"({"type": "Sequence", "decoders": [{"type": "Fuse"},
            {"type": "Strip", "content": "▁", "start": 1, "stop": 1}]})",
        R"({"type": "Strip", "content": "▁", "start": 1, "stop": 0})", "null"}) {
    const auto t = with(decoder);
    REQUIRE(t);
    text_stream stream(t);
    CHECK(joined(streamed(stream, tokens)) == t->decode(tokens, true));
  }
  const auto fused = with(R"({"type": "Sequence", "decoders": [{"type": "Fuse"},
      {"type": "Strip", "content": "▁", "start": 1, "stop": 1}]})");
  CHECK(fused->decode(tokens) == "a▁abca▁<0x78>c▁");
  CHECK(with("null")->decode(ids{263, 260}) == "▁a a");
  CHECK(with(R"({"type": "Metaspace", "replacement": "▁"})")->decode(ids{263, 263}) == "a a");
}
