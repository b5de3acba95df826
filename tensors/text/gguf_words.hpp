// The pre-tokenizers that GGUF files name in tokenizer.ggml.pre.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace dci::text {

/// How a byte-level model cuts words, in the terms of a tokenizer.json.
struct word_rules {
  bool known = false;
  bool adds_bos = false;       ///< where the file does not say
  bool ignores_merges = false; ///< a word that is a token is not merged
  bool composes = false;       ///< text becomes NFC first
};

/// The rules of that name; `known` is false when there are none.
word_rules word_rules_of(std::string_view pre);

/// The "pre_tokenizer" of known rules. prefix: a space is put before a text.
nlohmann::json pre_tokenizer_of(std::string_view pre, bool prefix);

/// The name under which these rules are known, first of several; empty when there
/// is none. pre_tokenizer, normalizer: as in a tokenizer.json, null where absent.
std::string_view name_of_words(const nlohmann::json& pre_tokenizer,
                               const nlohmann::json& normalizer, bool ignores_merges);

/// All known names, for a message.
std::string_view known_word_rules();

} // namespace dci::text
