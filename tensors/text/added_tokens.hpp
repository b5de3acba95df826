// The "added_tokens" of a tokenizer.json: tokens found in the text itself, before and beside the
// model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tensors/text/json_at.hpp"
#include "tensors/text/normalizer.hpp"
#include "tensors/text/text_pieces.hpp"
#include "tensors/text/token_matcher.hpp"
#include "tensors/text/token_table.hpp"

namespace dci::text {

struct added_token {
  std::string content;
  /// What a decoder gets to see: the content, normalized where the token is.
  std::string decoded;
  token_id id = 0;
  bool special = false;
  /// Looked for in the normalized text, with its own content normalized as well.
  bool normalized = false;
  /// Counts only between characters that are no word characters.
  bool single_word = false;
  /// Swallows the white space on its left, its right.
  bool lstrip = false;
  bool rstrip = false;
  /// Plain text must not become this token: all but those of white space alone.
  bool control = false;
};

class added_tokens {
 public:
  /// Reads the array; none is as good as an empty one. Errors: bad_file for ids that come twice or
  /// contradict the vocabulary, or lie far beyond the number of tokens.
  static expected<added_tokens> read(const json_at& root, const normalizer& normal,
                                     const token_table& vocab);

  /// Turns the added tokens in the raw text into pieces; then, in pieces that have been normalized,
  /// those that are looked for there. With `plain` control tokens stay text.
  result cut_raw(text_pieces& pieces, bool plain) const;
  result cut_normalized(text_pieces& pieces, bool plain) const;

  const std::vector<added_token>& all() const {
    return all_;
  }
  /// The token with this content or id, or null.
  const added_token* find(std::string_view content) const;
  const added_token* find(token_id id) const;

 private:
  result add(const json_at& json, const token_table& vocab);
  result cut(text_pieces& pieces, const token_matcher& matcher, bool plain) const;

  std::vector<added_token> all_;
  token_table by_content_; // ids here are indices into all_
  std::vector<std::int32_t> by_id_;
  token_matcher raw_;
  token_matcher normalized_;
};

} // namespace dci::text
