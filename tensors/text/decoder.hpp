// The "decoder" of a tokenizer.json: from the strings of tokens back to text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tensors/text/json_at.hpp"
#include "tensors/text/pattern.hpp"
#include "tensors/text/utf8.hpp"

namespace dci::text {

/// Every match of the pattern becomes the content.
struct replace_step {
  pattern what;
  std::string content;
};
/// "<0x0A>" becomes a byte. A run of them that is not UTF-8 becomes a U+FFFD each.
struct byte_fallback_step {};
/// All tokens become one.
struct fuse_step {};
/// Cuts up to `start` and `stop` times the character off a token's ends.
struct strip_step {
  std::string content;
  std::size_t start = 0;
  std::size_t stop = 0;
};
/// The mark becomes a space; before the first token it goes, unless `keep_first`.
struct metaspace_step {
  std::string mark;
  bool keep_first = false;
};
/// GPT-2's alphabet back to bytes; all tokens become one.
struct byte_level_step {};
/// A space between tokens: what is done where the file names no decoder.
struct join_step {};

using decode_step = std::variant<replace_step, byte_fallback_step, fuse_step, strip_step,
                                 metaspace_step, byte_level_step, join_step>;

/// Immutable; decode_run applies it.
class decoder {
 public:
  /// Joins with spaces.
  decoder();
  /// Reads Replace, ByteFallback, Fuse, Strip, Metaspace, ByteLevel and Sequence of these. Errors:
  /// bad_file; unsupported for other types, and for steps behind Fuse or ByteLevel that need the
  /// tokens apart.
  static expected<decoder> read(const json_at& json);

  const std::vector<decode_step>& steps() const {
    return steps_;
  }

 private:
  result add(const json_at& json, int depth);

  std::vector<decode_step> steps_;
};

} // namespace dci::text
