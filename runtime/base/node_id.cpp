#include "runtime/base/node_id.hpp"

#include <algorithm>

namespace dci {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

// 16 where it is none.
std::uint8_t value_of(char digit) {
  const auto at = digits.find(digit);
  return static_cast<std::uint8_t>(std::min<std::size_t>(at, 16));
}

} // namespace

std::string to_string(const node_id& id) {
  std::string out;
  out.reserve(2 * node_id::size);
  for (const auto byte : id.bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string short_name(const node_id& id) {
  return to_string(id).substr(0, 8);
}

expected<node_id> parse_node_id(std::string_view text) {
  node_id out;
  bool good = text.size() == 2 * node_id::size;
  for (std::size_t i = 0; good && i < node_id::size; ++i) {
    const auto high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
    good = high < 16 && low < 16;
    out.bytes[i] = static_cast<std::uint8_t>(high << 4 | (low & 15));
  }
  if (!good)
    return fail(errc::bad_config, "\"" + std::string(text.substr(0, 80)) +
                                      "\" is no node id: those are 64 digits 0 to 9 and a to f");
  return out;
}

} // namespace dci
