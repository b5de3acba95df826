#include "net/shown.hpp"

#include <algorithm>

namespace dci {

std::string printable(std::string_view text, std::size_t most) {
  std::string out{text.substr(0, most)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text.size() > most ? out + "..." : out;
}

std::string shown(std::string_view text) {
  return "\"" + printable(text, 80) + "\"";
}

} // namespace dci
