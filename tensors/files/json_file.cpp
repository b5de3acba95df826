#include "tensors/files/json_file.hpp"

#include <algorithm>
#include <exception>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "tensors/files/in_quotes.hpp"

namespace dci {

namespace {

using json = nlohmann::json;

constexpr int max_depth = 32;

// Thrown through the parser, which offers no other way to stop early.
struct refused : std::exception {
  explicit refused(std::string why) : reason(std::move(why)) {
  }
  std::string reason;
};

std::string line_and_column(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, byte > 0 ? byte - 1 : 0);
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto start = before.rfind('\n');
  const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

} // namespace

expected<json> parse_json(const std::string& label, std::string_view text) {
  // The parser takes a NUL for the end of the text and would skip what follows it.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return fail(errc::bad_file,
                label + ": not valid JSON: a NUL byte at " + line_and_column(text, nul + 1));
  std::vector<std::unordered_set<std::string>> keys;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth >= max_depth)
      throw refused("nested more than " + std::to_string(max_depth) + " levels deep");
    if (event == json::parse_event_t::object_start)
      keys.emplace_back();
    else if (event == json::parse_event_t::object_end)
      keys.pop_back();
    else if (event == json::parse_event_t::key &&
             !keys.back().insert(parsed.get_ref<const std::string&>()).second)
      throw refused("key " + in_quotes(parsed.get_ref<const std::string&>()) + " appears twice");
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), watch);
  } catch (const json::parse_error& e) {
    return fail(errc::bad_file, label + ": not valid JSON at " + line_and_column(text, e.byte));
  } catch (const json::exception& e) { // for instance a number beyond the range of double
    return fail(errc::bad_file, label + ": not valid JSON: " + in_quotes(e.what()));
  } catch (const refused& e) {
    return fail(errc::bad_file, label + ": " + e.reason);
  }
}

std::string brief(const json& value) {
  constexpr std::size_t longest = 60;
  if (value.is_structured() && value.size() > 8)
    return value.is_array() ? "a long list" : "an object";
  auto text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > longest)
    text = text.substr(0, longest) + "...";
  return text;
}

} // namespace dci
