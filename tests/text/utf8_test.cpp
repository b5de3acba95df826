#include <doctest/doctest.h>

#include "tensors/text/utf8.hpp"

using namespace dci::text;

TEST_CASE("the first invalid byte is found") {
  CHECK(scan_utf8("").valid == 0);
  CHECK(scan_utf8("plain text of more than eight bytes").valid == 35);
  CHECK(scan_utf8("a\xC3\xA9\xF0\x9F\x98\x80").valid == 7);
  CHECK(scan_utf8("0123456789\xFFx").valid == 10);
  CHECK(scan_utf8("\xC0\x80").valid == 0);         // overlong
  CHECK(scan_utf8("\xE0\x9F\xBF").valid == 0);     // overlong
  CHECK(scan_utf8("a\xED\xA0\x80").valid == 1);    // a surrogate
  CHECK(scan_utf8("\xF4\x90\x80\x80").valid == 0); // beyond U+10FFFF
  CHECK_FALSE(scan_utf8("a\xED\xA0").truncated);
  CHECK(scan_utf8("a\xF0\x9F\x98").truncated);
  CHECK(scan_utf8("a\xF0\x9F\x98").valid == 1);
}

TEST_CASE("characters survive the way there and back") {
  for (const char32_t c : {U'\0', U'a', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xD7FF', U'\xE000',
                           U'\xFFFF', U'\x10000', U'\x10FFFF'}) {
    std::string text;
    append_char(text, c);
    CHECK(scan_utf8(text).valid == text.size());
    std::size_t pos = 0;
    CHECK(next_char(text, pos) == c);
    CHECK(pos == text.size());
  }
}

TEST_CASE("bytes that are no UTF-8 become one replacement character for each maximal part") {
  // The example of Unicode 15, table 3-8.
  const std::string bytes = "a\xF1\x80\x80\xE1\x80\xC2"
                            "b\x80"
                            "c\x80\xBF"
                            "d";
  const std::string r(replacement_char);
  const std::string expected = "a" + r + r + r + "b" + r + "c" + r + r + "d";
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, bytes.size()}) {
    lossy_utf8 lossy;
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += step)
      lossy.feed(std::string_view(bytes).substr(at, step), out);
    lossy.finish(out);
    CHECK(out == expected);
  }
  lossy_utf8 lossy;
  std::string out;
  lossy.feed("\xF0\x9F\x98", out);
  CHECK(out.empty());
  lossy.feed("\x80", out);
  CHECK(out == "\xF0\x9F\x98\x80");
  lossy.feed("\xE2\x82", out);
  lossy.finish(out);
  CHECK(out == "\xF0\x9F\x98\x80" + r);
}
