// A model's folder or GGUF file, opened: config, generation defaults, weights.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/model_config.hpp"
#include "tensors/files/weights.hpp"

namespace dci {

/// What files lay out in more than one way.
struct weight_layout {
  /// gpt2's matrices are [in, out], as in safetensors, not [out, in].
  bool transposed_conv1d = false;
  /// The rows of queries and keys are interleaved (head_rows.hpp).
  bool interleaved_rope = false;
};

struct model_files {
  std::filesystem::path dir; ///< the folder, or the .gguf file
  model_config config;
  generation_defaults generation;
  /// Ids that end a generation: generation_config.json's, else config.json's.
  std::vector<token_id> eos;
  std::shared_ptr<const weights> tensors;
  weight_layout layout;
  /// SHA-256 in lower-case hex over config.json, if there is one, and what identifies the weights
  /// (weights::identity): hosts that run stages of one model compare it. It does
  /// not cover the weights' values.
  std::string fingerprint;
};

/// Of a folder with safetensors it reads config.json, generation_config.json if
/// it is there, and the header or index of the weights; of a .gguf file, named or
/// the only one of a folder without safetensors, the header. No weight. Errors:
/// bad_file, bad_config, unsupported.
expected<std::shared_ptr<const model_files>> open_model(const std::filesystem::path& dir_or_file);

} // namespace dci
