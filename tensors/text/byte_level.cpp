#include "tensors/text/byte_level.hpp"

#include <array>
#include <cstdint>

#include "tensors/text/utf8.hpp"

namespace dci::text {

namespace {

// Printable bytes stand for themselves; the others follow from U+0100 on, in order.
bool stands_for_itself(unsigned b) {
  return (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
}

struct alphabet {
  std::array<char32_t, 256> char_of{};
  std::array<std::int16_t, 0x144> byte_of{}; // -1: stands for nothing

  alphabet() {
    byte_of.fill(-1);
    char32_t next = 0x100;
    for (unsigned b = 0; b < 256; ++b) {
      char_of[b] = stands_for_itself(b) ? char32_t{b} : next++;
      byte_of[char_of[b]] = static_cast<std::int16_t>(b);
    }
  }
};

const alphabet& the_alphabet() {
  static const alphabet a;
  return a;
}

} // namespace

void append_byte_level(std::string& out, std::string_view bytes) {
  const alphabet& a = the_alphabet();
  for (const char c : bytes)
    append_char(out, a.char_of[static_cast<unsigned char>(c)]);
}

std::optional<std::string> bytes_of_byte_level(std::string_view token) {
  const alphabet& a = the_alphabet();
  std::string out;
  out.reserve(token.size());
  for (std::size_t pos = 0; pos < token.size();) {
    const char32_t c = next_char(token, pos);
    if (c >= a.byte_of.size() || a.byte_of[c] < 0)
      return std::nullopt;
    out.push_back(static_cast<char>(a.byte_of[c]));
  }
  return out;
}

} // namespace dci::text
