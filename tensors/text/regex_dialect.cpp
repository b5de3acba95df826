#include "tensors/text/regex_dialect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "tensors/text/json_at.hpp"

namespace dci::text {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Oniguruma's \w: below U+0100 it follows a table that counts superscripts and fractions too.
constexpr std::string_view word_class =
    "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}";

// Properties that both know by this name and that are no scripts.
constexpr std::array<std::string_view, 4> plain_properties = {"Alphabetic", "Lowercase",
                                                              "Uppercase", "White_Space"};

class translator {
 public:
  explicit translator(std::string_view pattern) : in_(pattern) {
  }

  expected<std::string> run() {
    while (pos_ < in_.size())
      DCI_TRY(in_class_ ? class_char() : plain_char());
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return pos_ + ahead < in_.size() ? in_[pos_ + ahead] : '\0';
  }
  void copy(std::size_t count) {
    out_.append(in_.substr(pos_, count));
    pos_ += count;
  }
  void replace(std::size_t count, std::string_view with) {
    out_.append(with);
    pos_ += count;
  }
  tl::unexpected<error> no(std::string_view construct) const {
    return fail(errc::unsupported, "the regular expression uses " + std::string(construct) +
                                       ", which is not supported here");
  }

  result plain_char() {
    switch (peek()) {
      case '\\':
        return escape();
      case '[':
        in_class_ = true;
        copy(1);
        if (peek() == '^')
          copy(1);
        return peek() == ']' ? no("an empty [] class") : result();
      case '(':
        return group();
      case ')':
        if (caseless_.size() > 1)
          caseless_.pop_back();
        break;
      case '{':
        return counted();
      default:
        DCI_TRY(check_folding());
        break;
    }
    copy(1);
    return {};
  }

  // Without regard to case, Oniguruma takes U+00DF for "ss" and ligatures for their letters; PCRE2
  // compares single characters only.
  result check_folding() const {
    if (!caseless_.back())
      return {};
    static constexpr std::array<std::string_view, 5> folded = {"ss", "st", "ff", "fi", "fl"};
    const auto lower = [](char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    };
    const std::array<char, 2> two = {lower(peek()), lower(peek(1))};
    const bool long_fold = std::find(folded.begin(), folded.end(),
                                     std::string_view(two.data(), two.size())) != folded.end();
    if (static_cast<unsigned char>(peek()) >= 0x80 || (long_fold && !in_class_))
      return no("(?i) for characters beyond ASCII or for " + in_quotes(in_.substr(pos_, 2)));
    return {};
  }

  result class_char() {
    switch (peek()) {
      case '\\':
        return escape();
      case '[':
        return no("a class or [:name:] inside a [] class");
      case '&':
        if (peek(1) == '&')
          return no("&& inside a [] class");
        break;
      case ']':
        in_class_ = false;
        break;
      default:
        DCI_TRY(check_folding());
        break;
    }
    copy(1);
    return {};
  }

  // "(?i)" counts only at the very start: later on the two dialects nest it differently.
  result group() {
    static constexpr std::array<std::string_view, 8> known = {"(?:",  "(?=",  "(?!",  "(?>",
                                                              "(?<=", "(?<!", "(?i:", "(?-i:"};
    const auto rest = in_.substr(pos_);
    if (rest.starts_with("(*"))
      return no("(*");
    if (pos_ == 0 && rest.starts_with("(?i)")) {
      caseless_.back() = true;
      copy(4);
      return {};
    }
    caseless_.push_back(caseless_.back());
    if (!rest.starts_with("(?")) {
      copy(1);
      return {};
    }
    for (const auto k : known) {
      if (!rest.starts_with(k))
        continue;
      if (k == "(?i:" || k == "(?-i:")
        caseless_.back() = k == "(?i:";
      copy(k.size());
      return {};
    }
    return no("the group " + in_quotes(rest.substr(0, 4)));
  }

  result counted() {
    std::size_t n = 1;
    while (is_digit(peek(n)) || peek(n) == ',')
      ++n;
    const auto body = in_.substr(pos_ + 1, n - 1);
    const auto commas = std::count(body.begin(), body.end(), ',');
    if (peek(n) != '}' || body.empty() || body == "," || commas > 1) {
      replace(1, "\\{");
      return {};
    }
    const char next = peek(n + 1);
    if (next == '+' || (next == '?' && commas == 0))
      return no(std::string("{n}") + next);
    out_.append(body[0] == ',' ? "{0" : "{").append(body).append("}");
    pos_ += n + 1;
    return {};
  }

  result property() {
    const std::size_t close = in_.find('}', pos_);
    if (peek(2) != '{' || close == std::string_view::npos)
      return no("\\p without {name}");
    auto name = in_.substr(pos_ + 3, close - pos_ - 3);
    bool negated = peek(1) == 'P';
    if (name.starts_with("^")) {
      negated = !negated;
      name.remove_prefix(1);
    }
    if (name.empty() || name.size() > 40 ||
        !std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_'; }))
      return no("the property " + in_quotes(name));
    // One or two letters name a general category; the rest is a script, of which Oniguruma means
    // the characters proper.
    const bool script =
        name.size() > 2 &&
        std::find(plain_properties.begin(), plain_properties.end(), name) == plain_properties.end();
    out_.append(negated ? "\\P{" : "\\p{").append(script ? "sc:" : "");
    out_.append(name).append("}");
    pos_ = close + 1;
    return {};
  }

  // A set of characters, inside a class or as one of its own.
  result set(std::string_view members, bool negated) {
    if (in_class_ && negated)
      return no(in_.substr(pos_, 2));
    if (in_class_)
      replace(2, members);
    else
      replace(2, std::string(negated ? "[^" : "[") + std::string(members) + "]");
    return {};
  }

  result code_point() {
    std::size_t digits = 0;
    if (peek(1) == 'x' && peek(2) == '{') {
      while (is_hex(peek(3 + digits)))
        ++digits;
      if (digits == 0 || digits > 6 || peek(3 + digits) != '}')
        return no("a malformed \\x{}");
      copy(4 + digits);
      return {};
    }
    const std::size_t wanted = peek(1) == 'u' ? 4 : 2;
    while (digits < wanted && is_hex(peek(2 + digits)))
      ++digits;
    // In Oniguruma \x80 and up are bytes, not characters.
    if (digits != wanted || (wanted == 2 && peek(2) > '7'))
      return no("a malformed \\x or \\u");
    replace(2 + digits, "\\x{" + std::string(in_.substr(pos_ + 2, digits)) + "}");
    return {};
  }

  result escape() {
    const char c = peek(1);
    switch (c) {
      case 's':
        replace(2, "\\p{White_Space}");
        return {};
      case 'S':
        replace(2, "\\P{White_Space}");
        return {};
      case 'd':
        replace(2, "\\p{Nd}");
        return {};
      case 'D':
        replace(2, "\\P{Nd}");
        return {};
      case 'w':
      case 'W':
        return set(word_class, c == 'W');
      case 'h':
      case 'H':
        return set("0-9a-fA-F", c == 'H');
      case 'v':
        replace(2, "\\x{b}");
        return {};
      case 'p':
      case 'P':
        return property();
      case 'x':
      case 'u':
        return code_point();
      case 'n':
      case 'r':
      case 't':
      case 'f':
      case 'a':
      case 'e':
        copy(2);
        return {};
      case 'A':
      case 'z':
        if (in_class_)
          break;
        copy(2);
        return {};
      default:
        break;
    }
    if (c == '\0')
      return no("a backslash at its end");
    if (is_alnum(c))
      return no(in_.substr(pos_, 2));
    // A backslash before other characters only quotes them; beyond ASCII nothing needs quoting.
    if (static_cast<unsigned char>(c) >= 0x80)
      ++pos_;
    else
      copy(2);
    return {};
  }

  std::string_view in_;
  std::size_t pos_ = 0;
  bool in_class_ = false;
  std::vector<bool> caseless_ = {false}; // by group, innermost last
  std::string out_;
};

} // namespace

expected<std::string> onig_to_pcre2(std::string_view pattern) {
  return translator(pattern).run();
}

} // namespace dci::text
