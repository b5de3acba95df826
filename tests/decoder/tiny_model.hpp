// Models of a few hundred random weights, written to a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tensors/files/model_files.hpp"
#include "tensors/files/model_tensors.hpp"
#include "tests/files/fixture.hpp"

namespace dci::test {

/// config.json of a llama with 4 layers, 2 query heads on 1 key head, and
/// whatever else is given, such as ", \"rope_theta\": 5".
inline std::string tiny_llama_config(const std::string& more = "") {
  return std::string(R"({"model_type": "llama", "hidden_size": 8, "intermediate_size": 12,
    "num_hidden_layers": 4, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 20,
    "max_position_embeddings": 40, "rms_norm_eps": 1e-5)") +
         more + "}";
}

inline std::string tiny_gpt2_config(const std::string& more = "") {
  return std::string(R"({"model_type": "gpt2", "n_embd": 8, "n_layer": 4, "n_head": 2,
    "n_positions": 40, "vocab_size": 20, "layer_norm_epsilon": 1e-5)") +
         more + "}";
}

/// Every tensor such a model needs, F32, in the order of the layers, with the
/// prefix that is customary.
inline std::vector<test_tensor> tiny_tensors(const std::string& config_text) {
  const auto config = parse_model_config("config.json", config_text);
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  std::mt19937 random(7);
  std::uniform_real_distribution<float> spread(-0.5f, 0.5f);
  std::vector<test_tensor> out;
  const auto add = [&](const std::vector<tensor_spec>& specs, const std::string& prefix) {
    for (const auto& spec : specs) {
      std::vector<float> values(count_of({spec}));
      for (auto& value : values)
        value = spread(random);
      const auto outer = spec.name == "lm_head.weight" ? "" : std::string(outer_prefix(*config));
      out.push_back({outer + prefix + spec.name, "F32", spec.shape, f32_bytes(values)});
    }
  };
  add(embedding_tensors(*config), "");
  for (std::uint32_t layer = 0; layer < config->layers; ++layer)
    add(block_tensors(*config), block_prefix(*config, layer));
  auto head = head_tensors(*config);
  if (config->tied_head)
    head.pop_back();
  add(head, "");
  return out;
}

using change_fn = std::function<void(std::vector<test_tensor>&)>;

/// Writes config.json and model.safetensors, after `change` had its way.
inline void write_tiny_model(const temp_dir& dir, const std::string& config_text,
                             const change_fn& change = {}) {
  auto tensors = tiny_tensors(config_text);
  if (change)
    change(tensors);
  dir.write("config.json", config_text);
  dir.write("model.safetensors", safetensors_of(tensors));
}

inline std::shared_ptr<const model_files> opened(const temp_dir& dir) {
  auto model = open_model(dir.path());
  REQUIRE_MESSAGE(model, (model ? "" : model.error().message));
  return *model;
}

/// The tensor of that name.
inline test_tensor& named(std::vector<test_tensor>& tensors, const std::string& name) {
  for (auto& tensor : tensors)
    if (tensor.name == name)
      return tensor;
  FAIL("no tensor " << name);
  return tensors.front();
}

} // namespace dci::test
