#include <doctest/doctest.h>

#include "tensors/text/regex.hpp"
#include "tensors/text/regex_dialect.hpp"

using namespace dci;
using namespace dci::text;

namespace {

std::vector<std::string> matches(std::string_view pattern, std::string_view text) {
  const auto re = regex::compile(pattern);
  REQUIRE_MESSAGE(re.has_value(), (re ? "" : re.error().message));
  std::vector<byte_range> found;
  REQUIRE(re->find_all(text, found).has_value());
  std::vector<std::string> out;
  for (const byte_range m : found)
    out.emplace_back(text.substr(m.begin, m.end - m.begin));
  return out;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("classes mean what they mean in Oniguruma") {
  CHECK(matches("\\s", "a\u00a0\u3000\u0085b") == strings{"\u00a0", "\u3000", "\u0085"});
  CHECK(matches("\\s|[\\s]", "\u180e\u200b") == strings{}); // PCRE2's own \s has U+180E
  CHECK(matches("[^\\s]+", "a\u180eb c") == strings{"a\u180eb", "c"});
  CHECK(matches("\\h+", "fx 1 g") == strings{"f", "1"});
  CHECK(matches("\\v", "\n\v") == strings{"\v"});
  CHECK(matches("\\d+", "1\u0663\u2167") == strings{"1\u0663"});
  CHECK(matches("\\w+", "e\u0301\u203f\u24b6 \u2460") == strings{"e\u0301\u203f\u24b6"});
  CHECK(matches("\\p{^L}+", "ab12c") == strings{"12"});
  CHECK(matches("\\p{Han}+", "\u4e2d\u6587\u3002a") == strings{"\u4e2d\u6587"});
  CHECK(matches("\\u4e2d\\x41", "\u4e2dA") == strings{"\u4e2dA"});
  CHECK(matches("lo{,2}", "l loo") == strings{"l", "loo"});
  CHECK(matches("{", "a{b") == strings{"{"});
  CHECK(matches("^.$", "a\nb") == strings{"a", "b"});
  CHECK(matches("(?i:'S|k)", "'s'\u017f\u212a") == strings{"'s", "'\u017f", "\u212a"});
}

TEST_CASE("empty matches are found as Oniguruma's find_iter finds them") {
  CHECK(matches("x*", "axb") == strings{"", "x", ""});
}

TEST_CASE("what PCRE2 reads differently is refused") {
  for (const char* pattern :
       {"\\bword",    "(?m)a",  "a(?i)b", "(?<name>a)", "[a&&b]",    "[[:alpha:]]",
        "[a[b]]",     "a{2}+",  "a{2}?",  "\\p{L",      "\\K",       "\\R",
        "(*NO_JIT)a", "(?#c)a", "\\xff",  "[\\W]",      "(?i)gross", "(?i:\u00e4)",
        "a\\",        "\\1",    "[]a]",   "(?x) a"}) {
    const auto re = regex::compile(pattern);
    REQUIRE_FALSE_MESSAGE(re.has_value(), pattern);
    CHECK_MESSAGE(re.error().code == errc::unsupported, pattern);
    CHECK(re.error().message.find('\n') == std::string::npos);
  }
  CHECK(regex::compile("\\p{Nonsense}").error().code == errc::unsupported);
  CHECK(regex::compile("(a").error().code == errc::bad_file);
  CHECK(regex::compile("[a").error().code == errc::bad_file);
  CHECK(regex::compile(std::string(70'000, 'a')).error().code == errc::bad_file);
}

TEST_CASE("a match that backtracks without end is given up") {
  const auto re = regex::compile("(a+)+$");
  REQUIRE(re.has_value());
  std::vector<byte_range> found;
  const auto done = re->find_all(std::string(60, 'a') + "b", found);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == errc::bad_request);
}

TEST_CASE("long runs of spaces are no trouble") {
  const std::string text = std::string(300'000, ' ') + "x";
  CHECK(matches("\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", text).size() == 2);
}
