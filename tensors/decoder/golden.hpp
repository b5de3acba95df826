// Golden files: what a model must generate, computed by somebody else.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"

namespace dci {

/// One prompt and its greedy continuation of generated_ids.size() tokens, which
/// no end-of-sequence id stops.
struct golden_case {
  std::vector<token_id> prompt_ids;
  std::vector<token_id> generated_ids;
  /// Logits after the last prompt token: of these ids, or of the whole
  /// vocabulary in order where logit_ids is empty.
  std::vector<token_id> logit_ids;
  std::vector<double> logits;
  std::string prompt;         ///< empty for a model without a tokenizer
  std::string generated_text; ///< likewise
};

struct golden_file {
  std::string model;
  std::vector<golden_case> cases; ///< at least one
};

/// Reads golden.json: "cases" with "prompt_ids", "generated_ids", and either
/// "prompt_last_logits" or "prompt_last_top10_ids" and
/// "prompt_last_top10_logits"; optional "prompt" and "generated_text". Other
/// keys are ignored. label: the file's name in messages. Errors: bad_file
/// naming the case and the key.
expected<golden_file> parse_golden(const std::string& label, std::string_view text);
/// The same from a file of at most 64 MiB.
expected<golden_file> read_golden(const std::filesystem::path& path);

struct golden_outcome {
  bool token_exact = false;
  /// The first token that differs; generated_ids.size() when none does.
  std::size_t first_difference = 0;
  /// Over the golden logits; infinite when there is none to compare one with, or
  /// when one is not a number.
  double max_abs_logit_difference = 0;
};

/// ids: what was generated; logits: of the whole vocabulary, after the prompt.
golden_outcome compare(const golden_case& golden, std::span<const token_id> ids,
                       std::span<const float> logits);

} // namespace dci
