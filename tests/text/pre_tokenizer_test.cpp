#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tensors/text/pre_tokenizer.hpp"

using namespace dci;
using namespace dci::text;

namespace {

using strings = std::vector<std::string>;

strings cut(const std::string& json, const std::string& text, bool at_start = true) {
  const auto parsed = nlohmann::json::parse(json);
  const auto p = pre_tokenizer::read(json_at(parsed, "f"));
  REQUIRE_MESSAGE(p.has_value(), (p ? "" : p.error().message));
  text_pieces pieces{text, {{0, text.size(), no_token, at_start}}};
  REQUIRE(p->apply(pieces).has_value());
  strings out;
  for (const text_piece& piece : pieces.list)
    out.emplace_back(pieces.of(piece));
  return out;
}

std::string split(const char* pattern, const char* behavior, bool invert = false) {
  return nlohmann::json{{"type", "Split"},
                        {"pattern", {{"String", pattern}}},
                        {"behavior", behavior},
                        {"invert", invert}}
      .dump();
}

} // namespace

TEST_CASE("the behaviors of Split") {
  // The examples of Hugging Face's own tests, and matches at the ends.
  const std::string text = "the-final--countdown";
  CHECK(cut(split("-", "Isolated"), text) == strings{"the", "-", "final", "-", "-", "countdown"});
  CHECK(cut(split("-", "Removed"), text) == strings{"the", "final", "countdown"});
  CHECK(cut(split("-", "Contiguous"), text) == strings{"the", "-", "final", "--", "countdown"});
  CHECK(cut(split("-", "MergedWithPrevious"), text) == strings{"the-", "final-", "-", "countdown"});
  CHECK(cut(split("-", "MergedWithNext"), text) == strings{"the", "-final", "-", "-countdown"});
  CHECK(cut(split("-", "MergedWithPrevious"), "-a-") == strings{"-", "a-"});
  CHECK(cut(split("-", "MergedWithNext"), "-a-") == strings{"-a", "-"});
  CHECK(cut(split("-", "Removed", true), text) == strings{"-", "-", "-"});
}

TEST_CASE("GPT-2's words in the byte alphabet") {
  const std::string json = R"({"type": "ByteLevel", "add_prefix_space": false})";
  CHECK(cut(json, "Hello  world's 42!") == strings{"Hello", "Ġ", "Ġworld", "'s", "Ġ42", "!"});
  CHECK(cut(json, "\n é") == strings{"Ċ", "ĠÃ©"});
  CHECK(cut(R"({"type": "ByteLevel", "add_prefix_space": true, "use_regex": false})", "a b") ==
        strings{"ĠaĠb"});
}

TEST_CASE("Metaspace") {
  const auto json = [](const char* scheme, bool cuts) {
    return nlohmann::json{
        {"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", scheme}, {"split", cuts}}
        .dump();
  };
  CHECK(cut(json("always", true), "a  b") == strings{"▁a", "▁", "▁b"});
  CHECK(cut(json("always", false), " a") == strings{"▁a"});
  CHECK(cut(json("never", false), "a b") == strings{"a▁b"});
  CHECK(cut(json("first", false), "a") == strings{"▁a"});
  CHECK(cut(json("first", false), "a", false) == strings{"a"});
  CHECK(cut(R"({"type": "Metaspace", "replacement": "▁", "add_prefix_space": false})", "a b") ==
        strings{"a", "▁b"});
}

TEST_CASE("the smaller steps, and several in a row") {
  CHECK(cut(R"({"type": "Digits", "individual_digits": true})", "a12b") ==
        strings{"a", "1", "2", "b"});
  CHECK(cut(R"({"type": "Digits", "individual_digits": false})", "a12b") ==
        strings{"a", "12", "b"});
  CHECK(cut(R"({"type": "Punctuation"})", "a,$b") == strings{"a", ",", "$", "b"});
  CHECK(cut(R"({"type": "Whitespace"})", " a, b") == strings{"a", ",", "b"});
  CHECK(cut(R"({"type": "WhitespaceSplit"})", " a, b") == strings{"a,", "b"});
  CHECK(cut(R"({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
                {"type": "Digits", "individual_digits": true},
                {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]})",
            "a1 é") == strings{"a", "1", "Ã©"});
}
