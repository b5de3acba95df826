// A tokenizer.json as GGUF metadata.
#pragma once

#include "runtime/base/error.hpp"
#include "tensors/files/gguf_writer.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

/// Adds the keys of the tokenizer in the model's folder; where there is no
/// tokenizer.json, that there is none. For byte-level BPE whose pre-tokenizer GGUF has a name for.
/// Errors: unsupported for others, bad_file.
result add_tokenizer(const model_files& model, gguf_writer& out);

} // namespace dci
