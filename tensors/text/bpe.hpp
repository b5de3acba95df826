// Byte pair encoding: a word becomes its characters' tokens, of which the pair with the lowest rank
// merges first, the leftmost of equals, until none is left.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "tensors/text/json_at.hpp"
#include "tensors/text/merge_table.hpp"
#include "tensors/text/tokenizer_file.hpp"

namespace dci::text {

/// Immutable once built.
class bpe {
 public:
  /// Reads the "model" object; takes the vocabulary and merges out of `file`. Errors: bad_file for
  /// ids or tokens that come twice and merges of unknown tokens; unsupported for other models and
  /// for drop-out, word prefixes and suffixes.
  static expected<bpe> build(const json_at& model, tokenizer_file& file);

  const token_table& vocab() const {
    return vocab_;
  }
  /// Marks tokens that plain text must never become, by id.
  void protect(std::vector<bool> control) {
    control_ = std::move(control);
  }

  /// Appends the tokens of one word. O(n log n) in its characters. With `plain` no protected token
  /// comes out.
  void encode(std::string_view word, bool plain, std::vector<token_id>& out) const;

 private:
  result read_options(const json_at& model);
  result read_merges(const json_at& model, const tokenizer_file& file);
  void read_alphabet();
  token_id id_of_char(std::string_view one, bool plain) const;
  void start_symbols(std::string_view word, bool plain, std::vector<token_id>& out) const;
  const merge_rule* rule(token_id left, token_id right, bool plain) const;
  void merge_short(std::vector<token_id>& symbols, bool plain) const;
  void merge_long(std::vector<token_id>& symbols, bool plain) const;
  bool is_protected(token_id id) const {
    return static_cast<std::size_t>(id) < control_.size() && control_[static_cast<std::size_t>(id)];
  }

  token_table vocab_;
  merge_table merges_;
  std::vector<bool> control_;
  std::array<token_id, 0x400> low_chars_{}; // by code point, -1 for none
  std::array<token_id, 256> byte_tokens_{}; // "<0x00>" to "<0xFF>", -1 for none
  std::optional<token_id> unknown_;
  bool fuse_unknown_ = false;
  bool byte_fallback_ = false;
  bool ignore_merges_ = false;
};

} // namespace dci::text
