// Merges out of the scores of a SentencePiece vocabulary.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/text/tokenizer_file.hpp"

namespace dci::text {

/// A token that may come out of merging.
struct scored_token {
  token_id id = 0;
  std::string_view text;
  double score = 0; ///< finite
};

/// Every way to make one of these tokens of two others, the highest score first,
/// as Hugging Face's conversion of such models orders them. `name` stands for the
/// file in messages. Errors: bad_file for absurdly long or many.
expected<std::vector<id_merge>> merges_of_scores(const std::string& name,
                                                 const std::vector<scored_token>& tokens);

} // namespace dci::text
