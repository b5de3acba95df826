#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tensors/text/normalizer.hpp"
#include "tensors/text/unicode_forms.hpp"

using namespace dci;
using namespace dci::text;

namespace {

std::string normalized(const char* json, std::string text) {
  const auto parsed = nlohmann::json::parse(json);
  const auto n = normalizer::read(json_at(parsed, "f"));
  REQUIRE_MESSAGE(n.has_value(), (n ? "" : n.error().message));
  REQUIRE(n->apply(text).has_value());
  return text;
}

} // namespace

TEST_CASE("Unicode's normal forms") {
  CHECK(normalized(R"({"type": "NFC"})", "cafe\u0301") == "caf\u00e9");
  CHECK(normalized(R"({"type": "NFD"})", "caf\u00e9") == "cafe\u0301");
  CHECK(normalized(R"({"type": "NFKC"})", "\ufb01 \u2460 \u212b") == "fi 1 \u00c5");
  CHECK(normalized(R"({"type": "NFKD"})", "\u1e9b\u0323") == "s\u0323\u0307");
  // Hangul, and marks out of order.
  CHECK(normalized(R"({"type": "NFC"})", "\u1100\u1161\u11a8") == "\uac01");
  CHECK(normalized(R"({"type": "NFD"})", "\uac01") == "\u1100\u1161\u11a8");
  CHECK(normalized(R"({"type": "NFC"})", "q\u0307\u0323") == "q\u0323\u0307");
  // U+2ADC is excluded from composition; NUL and noncharacters pass.
  CHECK(normalized(R"({"type": "NFC"})", "\u2adc") == "\u2add\u0338");
  const std::string odd("a\0\uffff\U0010ffff", 9);
  CHECK(normalized(R"({"type": "NFC"})", odd) == odd);
}

TEST_CASE("a long run of marks is sorted in reasonable time") {
  std::string text = "a";
  for (int i = 0; i < 200'000; ++i)
    text += i % 2 == 0 ? "\u0345" : "\u0323";
  const std::string sorted = to_form(text, unicode_form::nfd);
  CHECK(sorted.size() == text.size());
  CHECK(sorted.substr(0, 5) == "a\u0323\u0323");
  CHECK(sorted.substr(sorted.size() - 2) == "\u0345");
}

TEST_CASE("the other steps") {
  CHECK(normalized(R"({"type": "Lowercase"})", "\u0130\u03a3\u00c4K") == "i\u0307\u03c3\u00e4k");
  CHECK(normalized(R"({"type": "Strip", "strip_left": true, "strip_right": false})", " \u3000a ") ==
        "a ");
  CHECK(normalized(R"({"type": "Strip", "strip_left": true, "strip_right": true})", " a b\n") ==
        "a b");
  CHECK(normalized(R"({"type": "Strip", "strip_left": true, "strip_right": true})", "  ") == "");
  CHECK(normalized(R"({"type": "Prepend", "prepend": "_"})", "a") == "_a");
  CHECK(normalized(R"({"type": "Prepend", "prepend": "_"})", "") == "");
  CHECK(normalized(R"({"type": "Replace", "pattern": {"String": "aa"}, "content": "b"})", "aaa") ==
        "ba");
  CHECK(normalized(R"({"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "})",
                   "a \n b") == "a b");
  CHECK(normalized(R"({"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": " "},
                       {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]})",
                   "a b") == "▁a▁b");
}
