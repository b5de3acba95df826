#include "runtime/base/json_codec.hpp"

#include <algorithm>
#include <numeric>

namespace dci {
namespace {

/// Levenshtein distance, for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Enough to know that they are far apart; a hostile key can be long.
  if (a.size() > b.size() + 2)
    return a.size() - b.size();
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto substitute = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substitute});
    }
  }
  return row.back();
}

/// On one line and not too long, whatever bytes the key has.
std::string quoted(std::string_view key) {
  constexpr std::size_t enough = 60;
  auto text = std::string{key.substr(0, enough)};
  if (key.size() > enough)
    text += "...";
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

std::string_view json_kind(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "nothing";
    case json::value_t::object:
      return "a table";
    case json::value_t::array:
      return "a list";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "true or false";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return "an integer";
    case json::value_t::number_float:
      return "a number";
    default:
      return "something else";
  }
}

decode_outcome wrong_kind(const json& value, std::string_view wanted, const std::string& path) {
  return decode_error{path,
                      "must be " + std::string{wanted} + ", not " + std::string{json_kind(value)}};
}

decode_outcome unknown_key(std::string_view key, const std::vector<std::string_view>& known,
                           const std::string& path) {
  auto message = "unknown key " + quoted(key);
  const auto nearest = std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
    return edit_distance(key, a) < edit_distance(key, b);
  });
  // Of a short name at least half must be right.
  const auto distance = nearest != known.end() ? edit_distance(key, *nearest) : 0;
  if (nearest != known.end() && distance <= 2 && 2 * distance < nearest->size() + 1) {
    message += "; did you mean \"" + std::string{*nearest} + "\"?";
  } else {
    message += known.empty() ? "; there are none here" : "; known here:";
    for (const auto name : known)
      message += " " + std::string{name};
  }
  return decode_error{path + "/" + std::string{key}, message};
}

} // namespace dci
