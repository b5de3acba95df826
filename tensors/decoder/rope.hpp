// The frequencies of rotary position embeddings.
#pragma once

#include <vector>

#include "tensors/files/model_config.hpp"

namespace dci {

/// Radians per position for each of the head_dim / 2 pairs: theta^(-2i / head_dim),
/// with Llama 3's stretching of the low ones where the config asks for it
/// (Hugging Face transformers, modeling_rope_utils.py, _compute_llama3_parameters).
/// A GGUF file's divisors come last, where the config has them.
/// Number i of the first half of a head turns with number i of the second half.
std::vector<double> rope_frequencies(const model_config& config);

} // namespace dci
