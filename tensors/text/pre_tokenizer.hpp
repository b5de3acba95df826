// The "pre_tokenizer" of a tokenizer.json: cuts normalized text into the words that the model
// merges within, and rewrites them into the model's alphabet.
#pragma once

#include <functional>
#include <vector>

#include "tensors/text/json_at.hpp"
#include "tensors/text/text_pieces.hpp"

namespace dci::text {

/// Steps applied in turn.
class pre_tokenizer {
 public:
  /// Reads ByteLevel, Split, Digits, Metaspace, Punctuation, Whitespace, WhitespaceSplit and
  /// Sequence of these. Errors: bad_file; unsupported for other types.
  static expected<pre_tokenizer> read(const json_at& json);

  /// Works on the pieces that are no tokens yet. Errors: as regex::find_all.
  result apply(text_pieces& pieces) const;

 private:
  result add(const json_at& json, int depth);
  result add_byte_level(const json_at& json);
  result add_split(const json_at& json);
  result add_metaspace(const json_at& json);

  std::vector<std::function<result(text_pieces&)>> steps_;
};

/// When a metaspace step puts its mark before a text.
enum class prepend_scheme { always, first, never };

/// The scheme of a Metaspace step, also in its old spelling ("add_prefix_space"). Errors: bad_file.
expected<prepend_scheme> read_prepend_scheme(const json_at& json);

} // namespace dci::text
