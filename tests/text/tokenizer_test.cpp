#include <doctest/doctest.h>

#include <random>
#include <thread>

#include "tests/text/fixtures.hpp"

using namespace dci;
using namespace dci::test;

namespace {

ids encoded(const tokenizer& t, std::string_view text, bool special = false,
            added_in_text added = added_in_text::parsed) {
  const auto out = t.encode(text, special, added);
  REQUIRE_MESSAGE(out.has_value(), (out ? "" : out.error().message));
  return *out;
}

ids operator+(ids a, const ids& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

} // namespace

TEST_CASE("byte-level: merges by rank, the leftmost first") {
  // 256 = "ll", 257 = "he", 258 = "hell", 259 = " w", 260 = "aa"
  const auto t =
      make(byte_level_json({{"l", "l"}, {"h", "e"}, {"he", "ll"}, {" ", "w"}, {"a", "a"}}));
  REQUIRE(t);
  CHECK(encoded(*t, "") == ids{});
  CHECK(encoded(*t, "hello world") == ids{258, 'o', 259, 'o', 'r', 'l', 'd'});
  CHECK(encoded(*t, "lll") == ids{256, 'l'});
  CHECK(encoded(*t, "aaaaa") == ids{260, 260, 'a'});
  CHECK(encoded(*t, "hel\nlo") == ids{257, 'l', '\n', 'l', 'o'}); // words do not merge
  CHECK(encoded(*t, "\u00e9") == ids{0xC3, 0xA9});
  CHECK(encoded(*t, std::string("a\0b", 3)) == ids{'a', 0, 'b'});
  CHECK(t->decode(ids{258, 'o', 259}) == "hello w");
  CHECK(t->vocab_size() == 263);
  CHECK(t->id_of("hell") == 258);
  CHECK(t->id_of("\u0120w") == 259);
  CHECK_FALSE(t->id_of("hello"));
  CHECK(t->token_of(259) == "\u0120w");
  CHECK_FALSE(t->token_of(263));
  CHECK_FALSE(t->token_of(-1));
}

TEST_CASE("a long word is merged as a short one is, and quickly") {
  const auto t = make(byte_level_json(
      {{"a", "b"}, {"b", "a"}, {"ab", "ab"}, {"a", "a"}, {"b", "b"}, {"aa", "bb"}, {"abab", "b"}}));
  REQUIRE(t);
  // The letters between the spaces are short words; without the cut they would be a long one.
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::string word;
    for (int i = 0; i < 400; ++i)
      word.push_back("abc"[random() % 3]);
    ids parts;
    for (std::size_t at = 0; at < word.size();) {
      // Nothing merges with 'c', so it parts a word without being a border.
      const std::size_t end = std::min(word.find('c', at), word.size());
      parts = parts + encoded(*t, word.substr(at, end - at));
      if (end < word.size())
        parts.push_back('c');
      at = end + 1;
    }
    CHECK(encoded(*t, word) == parts);
  }
  const auto pairs = make(byte_level_json({{"a", "a"}, {"aa", "aa"}}));
  CHECK(encoded(*pairs, std::string(400'000, 'a')) == ids(100'000, 257));
}

TEST_CASE("metaspace: byte fallback, the leading mark and its removal") {
  const auto t = make(metaspace_json());
  REQUIRE(t);
  CHECK(encoded(*t, "abc") == ids{265});
  CHECK(encoded(*t, "abc abc a", true) == ids{1, 265, 265, 263});
  CHECK(encoded(*t, " a") == ids{259, 263});
  CHECK(encoded(*t, "b\n\u00e9") == ids{259, 261, 3 + '\n', 3 + 0xC3, 3 + 0xA9});
  CHECK(encoded(*t, "", true) == ids{1});
  CHECK(t->decode(ids{265, 263}) == "abc a");
  CHECK(t->decode(ids{1, 265}) == "<s> abc"); // the space is not at the start
  CHECK(t->decode(ids{1, 265}, true) == "abc");
  CHECK(t->decode(ids{259, 259, 260}) == " a");
  CHECK(t->decode(ids{260, 3 + 0xC3, 3 + 0xA9, 261}) == "a\u00e9"
                                                        "b");
  // All of a run of bytes is replaced when it is not UTF-8.
  CHECK(t->decode(ids{3 + 'x', 3 + 0xC3, 260}) == "\ufffd\ufffda");
  CHECK(encoded(*t, "a<s>a") == ids{263, 1, 263});
}

TEST_CASE("unknown characters where bytes are missing") {
  auto json = metaspace_json();
  json["model"]["byte_fallback"] = false;
  CHECK(encoded(*make(json), "xya") == ids{259, 0, 260});
  json["model"]["fuse_unk"] = false;
  CHECK(encoded(*make(json), "xya") == ids{259, 0, 0, 260});
  json["model"]["unk_token"] = nullptr;
  CHECK(encoded(*make(json), "xya") == ids{263}); // they leave no gap
}

TEST_CASE("ignore_merges takes a word that is a token as it is") {
  auto json = byte_level_json({{"a", "b"}});
  json["model"]["vocab"]["abcd"] = 259;
  CHECK(encoded(*make(json), "abcd") == ids{256, 'c', 'd'});
  json["model"]["ignore_merges"] = true;
  CHECK(encoded(*make(json), "abcd") == ids{259});
}

TEST_CASE("added tokens in the text") {
  const auto t = make(byte_level_json({}));
  CHECK(encoded(*t, "a<|end|>b<note>") == ids{'a', 256, 'b', 257});
  CHECK(encoded(*t, "<|end|") == bytes("<|end|"));
  CHECK(encoded(*t, "a<|end|>", false, added_in_text::plain) == bytes("a<|end|>"));
  CHECK(encoded(*t, "<note>", false, added_in_text::plain) == bytes("<note>"));
  CHECK(t->is_special(256));
  CHECK_FALSE(t->is_special(257));
  CHECK_FALSE(t->is_special('a'));
  CHECK(t->decode(ids{'a', 256, 257}) == "a<|end|><note>");
  CHECK(t->decode(ids{'a', 256, 257}, true) == "a<note>");
  CHECK(t->decode(ids{'a', 100'000, -5}) == "a");
}

TEST_CASE("added tokens: the longest wins, and their flags") {
  auto json = byte_level_json({});
  auto& added = json["added_tokens"];
  const auto add = [&](int id, const char* content, const char* flag) {
    nlohmann::json token = {{"id", id}, {"content", content}, {"normalized", false}};
    if (*flag != '\0')
      token[flag] = true;
    added.push_back(token);
  };
  add(258, "<a", "");
  add(259, "<a>", "");
  add(260, "<l>", "lstrip");
  add(261, "<r>", "rstrip");
  add(262, "cat", "single_word");
  add(263, "  ", "");
  const auto t = make(json);
  REQUIRE(t);
  CHECK(encoded(*t, "<a><ab") == ids{259, 258, 'b'});
  CHECK(encoded(*t, "x \n<l> y") == ids{'x', 260, ' ', 'y'});
  CHECK(encoded(*t, "x <r>\u3000 y") == ids{'x', ' ', 261, 'y'});
  CHECK(encoded(*t, "cat cats,cat \u00e9cat") ==
        ids{262, ' '} + bytes("cats,") + ids{262, ' ', 0xC3, 0xA9} + bytes("cat"));
  CHECK(encoded(*t, "a  b", false, added_in_text::plain) == ids{'a', 263, 'b'});
}

TEST_CASE("a normalized added token is looked for in the normalized text") {
  auto json = byte_level_json({});
  json["normalizer"] = {{"type", "Lowercase"}};
  json["added_tokens"].push_back({{"id", 258}, {"content", "Hey"}, {"normalized", true}});
  const auto t = make(json);
  REQUIRE(t);
  CHECK(encoded(*t, "HEY <|END|>") == ids{258} + bytes(" <|end|>"));
}

TEST_CASE("a protected token cannot come out of merges either") {
  auto json = byte_level_json({{"<", "|"}, {"<|", "x"}, {"<|x", ">"}});
  json["added_tokens"] = nlohmann::json::array();
  json["added_tokens"].push_back({{"id", 258}, {"content", "<|x>"}, {"special", true}});
  json["pre_tokenizer"]["use_regex"] = false;
  const auto t = make(json);
  REQUIRE(t);
  CHECK(encoded(*t, "<|x>") == ids{258});
  CHECK(encoded(*t, "<|x>", false, added_in_text::plain) == ids{257, '>'});
}

TEST_CASE("post-processors") {
  auto json = metaspace_json();
  json["post_processor"]["single"].push_back({{"SpecialToken", {{"id", "</s>"}}}});
  json["post_processor"]["special_tokens"]["</s>"] = {{"ids", {2, 2}}};
  CHECK(encoded(*make(json), "a", true) == ids{1, 263, 2, 2});
  json["post_processor"] = {
      {"type", "RobertaProcessing"}, {"cls", {"<s>", 1}}, {"sep", {"</s>", 2}}};
  CHECK(encoded(*make(json), "a", true) == ids{1, 263, 2});
  CHECK(encoded(*make(json), "a", false) == ids{263});
}

TEST_CASE("invalid UTF-8 is refused, naming the byte") {
  const auto t = make(byte_level_json({}));
  for (const bool special : {false, true}) {
    const auto out = t->encode("abc\xC3(", special);
    REQUIRE_FALSE(out.has_value());
    CHECK(out.error().code == errc::bad_request);
    CHECK(out.error().message == "the text is not valid UTF-8 at byte 3 of 5");
  }
}

TEST_CASE("several threads share one tokenizer") {
  const auto t = make(byte_level_json({{"l", "l"}, {"h", "e"}, {"he", "ll"}}));
  std::string text;
  for (int i = 0; i < 500; ++i)
    text += "hello, well " + std::to_string(i);
  const ids expected = encoded(*t, text);
  std::vector<ids> seen(4);
  std::vector<std::thread> threads;
  for (auto& out : seen)
    threads.emplace_back([&t, &text, &out] { out = t->encode(text, false).value_or(ids{}); });
  for (auto& thread : threads)
    thread.join();
  for (const auto& out : seen)
    CHECK(out == expected);
}
