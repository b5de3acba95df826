// A model's folder, opened: config, generation defaults, weights.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/model_config.hpp"
#include "tensors/files/weights.hpp"

namespace dci {

struct model_files {
  std::filesystem::path dir;
  model_config config;
  generation_defaults generation;
  /// Ids that end a generation: generation_config.json's, else config.json's.
  std::vector<token_id> eos;
  std::shared_ptr<const weights> tensors;
  /// SHA-256 in lower-case hex over config.json and what identifies the weights
  /// (weights::identity): hosts that run stages of one model compare it. It does
  /// not cover the weights' values.
  std::string fingerprint;
};

/// Reads config.json, generation_config.json if it is there, and the header or
/// index of the weights; no weight. Errors: bad_file, bad_config, unsupported.
expected<std::shared_ptr<const model_files>> open_model(const std::filesystem::path& dir);

} // namespace dci
