#include "tensors/text/pattern.hpp"

namespace dci::text {

pattern::pattern(std::variant<std::string, regex> what) : what_(std::move(what)) {
}

pattern pattern::literal(std::string text) {
  return pattern(std::move(text));
}

expected<pattern> pattern::expression(std::string_view text) {
  DCI_ASSIGN(regex compiled, regex::compile(text));
  return pattern(std::move(compiled));
}

expected<pattern> pattern::read(const json_at& json) {
  if (json.has("String")) {
    DCI_ASSIGN(std::string text, json.text("String"));
    if (text.empty())
      return json.unsupported("an empty string as a pattern");
    return literal(std::move(text));
  }
  if (!json.has("Regex"))
    return json.bad(R"(is neither {"String": ...} nor {"Regex": ...})");
  DCI_ASSIGN(const std::string text, json.text("Regex"));
  auto compiled = expression(text);
  if (!compiled)
    return compiled.error().code == errc::unsupported ? json.unsupported(compiled.error().message)
                                                      : json.bad(compiled.error().message);
  return compiled;
}

result pattern::find_all(std::string_view text, std::vector<byte_range>& out) const {
  if (const auto* const re = std::get_if<regex>(&what_))
    return re->find_all(text, out);
  const auto& wanted = std::get<std::string>(what_);
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + wanted.size()))
    out.push_back({at, at + wanted.size()});
  return {};
}

expected<std::string> pattern::replace_all(std::string_view text, std::string_view content) const {
  std::vector<byte_range> matches;
  DCI_TRY(find_all(text, matches));
  std::string out;
  std::size_t done = 0;
  for (const byte_range m : matches) {
    out.append(text.substr(done, m.begin - done)).append(content);
    done = m.end;
  }
  out.append(text.substr(done));
  return out;
}

} // namespace dci::text
