// Conversations as prompts, in the formats that models are trained on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensors/text/tokenizer.hpp"

namespace dci {

enum class chat_format {
  /// The contents one after another, with a line break between them; roles are left out. For base
  /// models.
  plain,
  /// "<|im_start|>ROLE\nCONTENT<|im_end|>\n"
  chatml,
  /// "<|start_header_id|>ROLE<|end_header_id|>\n\nCONTENT<|eot_id|>" behind one <|begin_of_text|>,
  /// with the white space around CONTENT taken off, as Meta's own template does.
  llama3
};

std::string_view to_string(chat_format format);
/// "plain", "chatml", "llama3"; nothing for other names.
std::optional<chat_format> chat_format_from_string(std::string_view name);
/// The format whose control tokens the tokenizer has.
chat_format detect_chat_format(const tokenizer& tokens);

struct chat_message {
  /// "system", "user", "assistant", ...: letters, digits, '_' and '-'.
  std::string role;
  std::string content;
};

/// The prompt as text, for people to read. A content may spell out control tokens here, so models
/// get encode_chat. `add_generation_prompt` opens the assistant's answer.
/// Errors: bad_request for no messages or a role of other characters.
expected<std::string> render_chat(chat_format format, std::span<const chat_message> messages,
                                  bool add_generation_prompt);

/// The prompt as ids. Control tokens come from the format alone: in a content they stay text.
/// Errors: as render_chat and tokenizer::encode; unsupported when the tokenizer lacks one of the
/// format's control tokens.
expected<std::vector<token_id>> encode_chat(const tokenizer& tokens, chat_format format,
                                            std::span<const chat_message> messages,
                                            bool add_generation_prompt);

} // namespace dci
