// UTF-8: checking, walking, and repairing a stream of bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dci::text {

/// How far a string is valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
struct utf8_scan {
  /// Bytes of whole characters before the first fault; the size when there is none.
  std::size_t valid = 0;
  /// True when what follows `valid` could still become a character with more bytes.
  bool truncated = false;
};

utf8_scan scan_utf8(std::string_view bytes);

/// The character at `pos`, which moves behind it. The text must be valid UTF-8.
char32_t next_char(std::string_view text, std::size_t& pos);

void append_char(std::string& out, char32_t c);

/// Unicode's White_Space property.
bool is_white_space(char32_t c);

/// U+FFFD in UTF-8.
inline constexpr std::string_view replacement_char = "\xEF\xBF\xBD";

/// The valid UTF-8 read out of bytes that arrive in pieces. Each maximal part that cannot belong
/// to a character becomes one U+FFFD, as Unicode recommends (§3.9) and Rust's from_utf8_lossy does.
class lossy_utf8 {
 public:
  /// Appends to `out` the characters that are complete by now.
  void feed(std::string_view bytes, std::string& out);
  /// No more bytes: an unfinished character becomes U+FFFD.
  void finish(std::string& out);

 private:
  std::string pending_;
};

} // namespace dci::text
