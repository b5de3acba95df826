// GPT-2's byte alphabet: each byte written as one printable character, so that a vocabulary of
// strings can hold any bytes (openai/gpt-2, src/encoder.py, bytes_to_unicode).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dci::text {

/// Appends the characters that stand for these bytes.
void append_byte_level(std::string& out, std::string_view bytes);

/// The bytes that the characters of `token` stand for; nothing when one of them stands for none.
std::optional<std::string> bytes_of_byte_level(std::string_view token);

/// GPT-2's expression that cuts text into words.
inline constexpr std::string_view gpt2_words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

} // namespace dci::text
