// The tokenizer inside a GGUF file: its "tokenizer.ggml." keys.
#pragma once

#include <string>

#include "runtime/base/error.hpp"
#include "tensors/files/gguf_metadata.hpp"
#include "tensors/text/tokenizer_parts.hpp"

namespace dci::text {

/// What the model's tokenizer.json would give, as far as the file tells: which
/// control tokens people may see, and a normalizer other than Qwen's, it does not.
/// Models "gpt2" (byte-level) and "llama" (SentencePiece's BPE). `name` stands for
/// the file in messages. Errors: bad_file for keys that are missing, damaged or
/// contradict each other; unsupported for other models and pre-tokenizers.
expected<tokenizer_parts> parts_of_gguf(const std::string& name, const gguf_metadata& metadata);

} // namespace dci::text
