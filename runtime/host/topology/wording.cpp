#include "runtime/host/topology/wording.hpp"

#include <algorithm>

namespace dci::topology_file {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_line = 500;

/// At most this many bytes, never half a UTF-8 character.
std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most)
    return std::string{text};
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
    --most;
  return std::string{text.substr(0, most)} + "...";
}

} // namespace

std::string in_quotes(std::string_view text) {
  return "\"" + shortened(text, longest_name) + "\"";
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  std::string out;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    out += (i == 0 ? "" : ", ") + in_quotes(names[i]);
  if (names.size() > most)
    out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return shortened(text, longest_line);
}

std::optional<std::string> bad_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  if (!name.empty() && name.size() <= longest_name &&
      std::all_of(name.begin(), name.end(), allowed))
    return {};
  const std::string why = name.empty()                 ? "is empty"
                          : name.size() > longest_name ? "is too long for a name"
                                                       : "has characters no name may have";
  return in_quotes(name) + " " + why + "; use 1 to 64 letters, digits, _ or -";
}

} // namespace dci::topology_file
