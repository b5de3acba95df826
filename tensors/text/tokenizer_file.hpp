// Reading the JSON of a tokenizer.json without building a tree of its vocabulary.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "tensors/text/token_table.hpp"

namespace dci::text {

/// "left right" or ["left", "right"], side by side in merge_text.
struct merge_entry {
  std::uint32_t begin = 0;
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

/// A merge of known tokens.
struct id_merge {
  token_id left = 0;
  token_id right = 0;
  token_id into = 0;
};

struct tokenizer_file {
  /// All but model.vocab and model.merges.
  nlohmann::json rest;
  bool has_vocab = false;
  bool has_merges = false;
  std::string vocab_text;
  std::vector<token_entry> vocab;
  std::string merge_text;
  std::vector<merge_entry> merges;
  /// Instead of these, where the tokens' scores say what merges.
  std::vector<id_merge> id_merges;
  /// The first thing wrong inside vocab or merges ("model.vocab: ..."), empty if all is well. Not
  /// an error by itself: models of other kinds keep other things there.
  std::string model_fault;
};

/// The largest file read: four times the largest tokenizer known.
inline constexpr std::size_t largest_tokenizer_file = 64 << 20;

/// Errors: bad_file for what is not JSON, too large, nested too deep, or has a key twice.
expected<tokenizer_file> read_tokenizer_json(std::string_view json, std::string_view name);

} // namespace dci::text
