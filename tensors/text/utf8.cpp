#include "tensors/text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace dci::text {

namespace {

// What the first byte of a character says of the rest (Unicode table 3-7).
struct lead {
  unsigned size;           // 0: cannot start a character
  unsigned char low, high; // the range of the second byte
};

lead lead_of(unsigned char b) {
  if (b < 0x80)
    return {1, 0, 0};
  if (b < 0xC2 || b > 0xF4)
    return {0, 0, 0};
  if (b < 0xE0)
    return {2, 0x80, 0xBF};
  if (b == 0xE0)
    return {3, 0xA0, 0xBF};
  if (b == 0xED)
    return {3, 0x80, 0x9F};
  if (b < 0xF0)
    return {3, 0x80, 0xBF};
  if (b == 0xF0)
    return {4, 0x90, 0xBF};
  return {4, 0x80, static_cast<unsigned char>(b == 0xF4 ? 0x8F : 0xBF)};
}

// How many bytes at the start of s belong to one character, whole or begun.
std::size_t matched(std::string_view s, lead l) {
  std::size_t n = 1;
  while (n < l.size && n < s.size()) {
    const auto b = static_cast<unsigned char>(s[n]);
    const unsigned char low = n == 1 ? l.low : 0x80;
    const unsigned char high = n == 1 ? l.high : 0xBF;
    if (b < low || b > high)
      break;
    ++n;
  }
  return n;
}

} // namespace

utf8_scan scan_utf8(std::string_view bytes) {
  std::size_t pos = 0;
  while (pos < bytes.size()) {
    std::uint64_t eight;
    if (bytes.size() - pos >= sizeof(eight)) {
      std::memcpy(&eight, bytes.data() + pos, sizeof(eight));
      if ((eight & 0x8080808080808080u) == 0) {
        pos += sizeof(eight);
        continue;
      }
    }
    const auto rest = bytes.substr(pos);
    const lead l = lead_of(static_cast<unsigned char>(rest[0]));
    if (l.size == 0)
      return {pos, false};
    const std::size_t n = matched(rest, l);
    if (n < l.size)
      return {pos, n == rest.size()};
    pos += n;
  }
  return {pos, false};
}

char32_t next_char(std::string_view text, std::size_t& pos) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[pos + i]); };
  const auto tail = [&](std::size_t i) { return static_cast<char32_t>(byte(i) & 0x3F); };
  const unsigned char b = byte(0);
  char32_t c = b;
  if (b < 0x80) {
    pos += 1;
  } else if (b < 0xE0) {
    c = (char32_t{b & 0x1Fu} << 6) | tail(1);
    pos += 2;
  } else if (b < 0xF0) {
    c = (char32_t{b & 0x0Fu} << 12) | (tail(1) << 6) | tail(2);
    pos += 3;
  } else {
    c = (char32_t{b & 0x07u} << 18) | (tail(1) << 12) | (tail(2) << 6) | tail(3);
    pos += 4;
  }
  return c;
}

void append_char(std::string& out, char32_t c) {
  const auto put = [&](char32_t v) { out.push_back(static_cast<char>(v)); };
  const auto tail = [&](int shift) { put(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    tail(6);
    tail(0);
  } else {
    put(0xF0 | (c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

void lossy_utf8::feed(std::string_view bytes, std::string& out) {
  std::string joined;
  if (!pending_.empty()) {
    joined = pending_;
    joined.append(bytes);
    bytes = joined;
    pending_.clear();
  }
  while (!bytes.empty()) {
    const utf8_scan scan = scan_utf8(bytes);
    out.append(bytes.substr(0, scan.valid));
    bytes.remove_prefix(scan.valid);
    if (bytes.empty())
      return;
    if (scan.truncated) {
      pending_ = bytes;
      return;
    }
    const lead l = lead_of(static_cast<unsigned char>(bytes[0]));
    bytes.remove_prefix(l.size == 0 ? 1 : matched(bytes, l));
    out.append(replacement_char);
  }
}

void lossy_utf8::finish(std::string& out) {
  if (!pending_.empty())
    out.append(replacement_char);
  pending_.clear();
}

} // namespace dci::text
