// Text to token ids and back, as a Hugging Face tokenizer.json or the metadata of a GGUF file
// defines it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"

namespace dci {

namespace text {
struct tokenizer_parts;
}

/// What an encoding does with added tokens ("<|im_end|>") that are spelled out in the text.
enum class added_in_text {
  /// They become their ids, as in Hugging Face's encode.
  parsed,
  /// They stay text: whoever wrote it cannot forge control tokens. Added tokens of white space
  /// alone are still recognised.
  plain
};

/// A stretch of a prompt put together from several sources.
struct prompt_part {
  std::string_view text;
  /// The text is the name of one token. Otherwise it is plain text (added_in_text::plain).
  bool control = false;
};

/// Immutable; may be used by several threads at once.
class tokenizer {
 public:
  /// Reads DIR/tokenizer.json, or the file itself; for a .gguf file, named or
  /// what open_model takes in the folder, its metadata (gguf_tokenizer.hpp). Where that names no
  /// post-processor, the tokenizer_config.json beside it is asked whether a text begins with a BOS
  /// token. Errors: bad_file for what is missing, damaged or contradicts itself; unsupported for
  /// models other than BPE and for steps we do not know. The message names file, key and kind.
  static expected<std::shared_ptr<const tokenizer>> load(const std::filesystem::path& dir_or_file);
  /// The same, but null for a model that has no tokenizer: a folder with neither of these files, or
  /// a GGUF file without such keys.
  static expected<std::shared_ptr<const tokenizer>>
  load_if_any(const std::filesystem::path& dir_or_file);
  /// The same from the JSON itself; `name` stands for the file in messages.
  static expected<std::shared_ptr<const tokenizer>> parse(std::string_view json,
                                                          std::string_view name);

  ~tokenizer();
  tokenizer(const tokenizer&) = delete;
  tokenizer& operator=(const tokenizer&) = delete;

  /// The ids of a text; with `add_special` also those the post-processor puts around it.
  /// Errors: bad_request for invalid UTF-8, naming the byte, and for a text on which the
  /// tokenizer's regular expression takes too many steps.
  expected<std::vector<token_id>> encode(std::string_view utf8, bool add_special,
                                         added_in_text added = added_in_text::parsed) const;
  /// The ids of all parts, one after another; nothing is put around them. Plain parts that follow
  /// one another are encoded as one text. Errors: as encode; unsupported when a control part is
  /// not a token.
  expected<std::vector<token_id>> encode_parts(std::span<const prompt_part> parts) const;

  /// The text of these ids; ids that are not in the vocabulary are passed over. Always valid UTF-8:
  /// what is not becomes U+FFFD.
  std::string decode(std::span<const token_id> ids, bool skip_special = false) const;

  /// One more than the largest id.
  std::size_t vocab_size() const;
  /// The id of a token by its string as the file spells it.
  std::optional<token_id> id_of(std::string_view token) const;
  /// The string of a token as the file spells it.
  std::optional<std::string_view> token_of(token_id id) const;
  /// Marked as special in the file: a control token, left out of what people read.
  bool is_special(token_id id) const;

  /// For the other sources of this folder.
  static std::shared_ptr<const tokenizer> of(text::tokenizer_parts parts);
  const text::tokenizer_parts& parts() const {
    return *parts_;
  }

 private:
  explicit tokenizer(std::unique_ptr<const text::tokenizer_parts> parts);

  std::unique_ptr<const text::tokenizer_parts> parts_;
};

} // namespace dci
