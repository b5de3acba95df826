// A model's config as GGUF metadata.
#pragma once

#include "runtime/base/error.hpp"
#include "tensors/files/gguf_writer.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

/// Adds the keys, and the frequencies' divisors as a tensor where the model scales
/// them. Errors: unsupported for what GGUF cannot say.
result add_config(const model_files& model, dtype to, gguf_writer& out);

} // namespace dci
