#include "tests/fuzz/mutate.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace dci::fuzz {
namespace {

using namespace std::string_view_literals;

constexpr std::array numbers{"0"sv,
                             "-1"sv,
                             "1"sv,
                             "-0"sv,
                             "0.5"sv,
                             "255"sv,
                             "65536"sv,
                             "2147483647"sv,
                             "2147483648"sv,
                             "4294967295"sv,
                             "4294967296"sv,
                             "9007199254740993"sv,
                             "9223372036854775807"sv,
                             "9223372036854775808"sv,
                             "18446744073709551615"sv,
                             "18446744073709551616"sv,
                             "-9223372036854775808"sv,
                             "1e-320"sv,
                             "1e308"sv,
                             "1e999"sv,
                             "nan"sv,
                             "null"sv,
                             "\"7\""sv,
                             "[]"sv};

// Pieces that parsers of JSON, TOML and UTF-8 stumble over.
constexpr std::array pieces{"{"sv,
                            "}"sv,
                            "["sv,
                            "]"sv,
                            "\""sv,
                            "\\"sv,
                            ":"sv,
                            ","sv,
                            "="sv,
                            "\n"sv,
                            "#"sv,
                            "null"sv,
                            "true"sv,
                            "{}"sv,
                            "[]"sv,
                            "\"\""sv,
                            "\\u0000"sv,
                            "\\ud800"sv,
                            "\\udc00"sv,
                            "\0"sv,
                            "\xff"sv,
                            "\xc0\x80"sv,
                            "\xe2\x82"sv,
                            "\xed\xa0\x80"sv,
                            "\xf4\x90\x80\x80"sv,
                            "\xef\xbb\xbf"sv,
                            "[["sv,
                            "]]"sv,
                            "../"sv,
                            "/"sv,
                            "."sv,
                            " "sv};

constexpr std::array<std::uint64_t, 10> integers{0,
                                                 1,
                                                 0x7f,
                                                 0x80,
                                                 0xffff,
                                                 0x7fffffff,
                                                 0x80000000,
                                                 0xffffffff,
                                                 0x7fffffffffffffff,
                                                 0xffffffffffffffff};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

mutator::mutator(std::uint64_t seed, std::size_t max_bytes) : random_(seed), max_bytes_(max_bytes) {
}

std::size_t mutator::below(std::size_t n) {
  return n == 0 ? 0 : static_cast<std::size_t>(random_() % n);
}

std::string mutator::next(const std::vector<std::string>& corpus) {
  auto s = corpus[below(corpus.size())];
  for (auto changes = 1 + below(6); changes > 0; --changes)
    change(s, corpus);
  if (s.size() > max_bytes_)
    s.resize(max_bytes_);
  return s;
}

/// A decimal number somewhere in the text becomes another.
void mutator::number_to_extreme(std::string& s) {
  auto first = s.find_first_of("0123456789", below(s.size()));
  if (first == std::string::npos)
    return;
  auto last = first;
  while (last < s.size() && is_digit(s[last]))
    ++last;
  s.replace(first, last - first, numbers[below(numbers.size())]);
}

/// One, two, four or eight bytes become an extreme little-endian integer; half of the time the
/// first ones, where binary formats keep their lengths.
void mutator::integer_to_extreme(std::string& s) {
  const auto width = std::size_t{1} << below(4);
  if (s.size() < width)
    return;
  const auto at = below(2) == 0 ? 0 : below(s.size() - width + 1);
  const auto value = integers[below(integers.size())];
  for (std::size_t i = 0; i < width; ++i)
    s[at + i] = static_cast<char>(value >> (8 * i));
}

void mutator::change(std::string& s, const std::vector<std::string>& corpus) {
  const auto at = below(s.size() + 1);
  const auto length = 1 + below(std::min<std::size_t>(s.size() - at, std::size_t{1} << below(12)));
  switch (below(12)) {
    case 0:
      if (at < s.size())
        s[at] = static_cast<char>(s[at] ^ (1 << below(8)));
      break;
    case 1:
      if (at < s.size())
        s[at] = static_cast<char>(random_());
      break;
    case 2:
      s.resize(at);
      break;
    case 3:
      s.erase(at, length);
      break;
    case 4:
      s.insert(below(s.size() + 1), std::string{s, at, length});
      break;
    case 5: {
      const auto piece = s.substr(at, length);
      s.erase(at, length);
      s.insert(below(s.size() + 1), piece);
      break;
    }
    case 6: {
      const auto& other = corpus[below(corpus.size())];
      s = s.substr(0, at) + other.substr(below(other.size() + 1));
      break;
    }
    case 7:
    case 8:
      number_to_extreme(s);
      break;
    case 9:
      integer_to_extreme(s);
      break;
    case 10:
      s.insert(at, pieces[below(pieces.size())]);
      break;
    default: {
      // Rarely, nesting deep enough to exhaust the stack of a careless recursion.
      const auto depth = below(16) == 0 ? max_bytes_ : 1 + below(64);
      static constexpr std::array openings{"["sv, "{\"a\":"sv, "[[a]]\n"sv, "a."sv};
      const auto opening = openings[below(openings.size())];
      std::string nest;
      while (nest.size() < depth)
        nest += opening;
      s.insert(at, nest);
    }
  }
}

} // namespace dci::fuzz
