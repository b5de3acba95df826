#include "runtime/host/topology/nesting.hpp"

#include <string>

namespace dci::topology_file {
namespace {

/// The length of the string or comment that starts the text; 0 when neither
/// does. Strings that are not closed end with their line, or with the text.
std::size_t skipped_length(std::string_view text) {
  const char quote = text.front();
  if (quote == '#') {
    const auto end = text.find('\n');
    return end == std::string_view::npos ? text.size() : end;
  }
  if (quote != '"' && quote != '\'')
    return 0;
  const bool long_form = text.starts_with(std::string(3, quote));
  const std::string_view closing = text.substr(0, long_form ? 3 : 1);
  std::size_t i = closing.size();
  while (i < text.size()) {
    if (text[i] == '\n' && !long_form)
      return i;
    if (text.substr(i).starts_with(closing)) {
      i += closing.size();
      // A long string may end in one or two quotes of its own.
      for (int extra = 0; long_form && extra < 2 && i < text.size() && text[i] == quote; ++extra)
        ++i;
      return i;
    }
    i += text[i] == '\\' && quote == '"' ? 2 : 1;
  }
  return text.size();
}

} // namespace

std::optional<text_place> find_deep_nesting(std::string_view text) {
  text_place here;
  std::uint32_t open = 0;
  std::uint32_t dots = 0;
  std::size_t skip_to = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i >= skip_to) {
      skip_to = i + skipped_length(text.substr(i));
      if (skip_to == i) {
        if (c == '[' || c == '{')
          ++open;
        else if ((c == ']' || c == '}') && open > 0)
          --open;
        dots = c == '.' ? dots + 1 : c == '=' || c == ',' || c == '\n' ? 0 : dots;
        if (open > max_toml_depth || dots > max_toml_depth)
          return here;
      }
    }
    if (c == '\n')
      here = {here.line + 1, 1};
    else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
      ++here.column;
  }
  return {};
}

} // namespace dci::topology_file
