// A model's config from the metadata of a GGUF file.
#pragma once

#include <string>

#include "runtime/base/error.hpp"
#include "tensors/files/gguf_metadata.hpp"
#include "tensors/files/model_config.hpp"
#include "tensors/files/tensor_file.hpp"

namespace dci {

/// Of the architectures llama (mistral's files too), qwen2, qwen3 and gpt2. What
/// the metadata leaves out the tensors say: the vocabulary, whether the head is
/// tied, and which biases there are. Checked as parse_model_config checks.
/// label: the file's name in messages. Errors: bad_config naming the key,
/// bad_file for a bad table of frequencies, unsupported.
expected<model_config> config_of_gguf(const std::string& label, const gguf_metadata& metadata,
                                      const tensor_views& tensors);

} // namespace dci
