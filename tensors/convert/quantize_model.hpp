// A model of safetensors into a GGUF file.
#pragma once

#include <filesystem>
#include <functional>

#include "runtime/base/error.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

/// Writes a GGUF file that llama.cpp and open_model read: config and tokenizer as
/// metadata, heads interleaved where the architecture wants it, matrices in the
/// format `to` (is_writable) or, where their rows are no whole blocks, in F16;
/// norms, biases and positions in F32. A folder without a tokenizer.json gives a
/// file without a tokenizer. progress gets what share is written.
///
/// Errors: unsupported for a model that is a GGUF file already, a format we do
/// not write, and what GGUF cannot say; not_finite; those of reading the model.
result quantize_model(const model_files& model, dtype to, const std::filesystem::path& out,
                      const std::function<void(double)>& progress = {});

} // namespace dci
