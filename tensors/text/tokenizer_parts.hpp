// What a tokenizer is made of.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tensors/text/added_tokens.hpp"
#include "tensors/text/bpe.hpp"
#include "tensors/text/decoder.hpp"
#include "tensors/text/normalizer.hpp"
#include "tensors/text/post_processor.hpp"
#include "tensors/text/pre_tokenizer.hpp"
#include "tensors/text/tokenizer_file.hpp"

namespace dci::text {

struct tokenizer_parts {
  normalizer normal;
  bpe model;
  added_tokens added;
  pre_tokenizer words;
  std::optional<post_processor> around;
  decoder back;

  /// Errors: as tokenizer::parse.
  static expected<tokenizer_parts> parse(std::string_view json, std::string_view name);
  /// The same of what has been read; takes the vocabulary out of `file`.
  static expected<tokenizer_parts> build(tokenizer_file& file, std::string_view name);

  /// The string of a token, an added one first; nothing where there is none.
  std::optional<std::string_view> token_of(token_id id) const;
  /// The string that a decoder gets for it.
  std::optional<std::string_view> decoder_input(token_id id) const;
  std::optional<token_id> id_of(std::string_view token) const;
  bool is_special(token_id id) const;
  std::size_t vocab_size() const;

  /// Appends the ids of valid UTF-8. `at_start`: it stands at the start of the whole input.
  /// Errors: as regex::find_all.
  result encode(std::string_view text, bool plain, bool at_start, std::vector<token_id>& out) const;
};

} // namespace dci::text
