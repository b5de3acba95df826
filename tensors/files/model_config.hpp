// What config.json says about a model, or a GGUF file's metadata, in one vocabulary for all
// architectures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"

namespace dci {

enum class architecture : std::uint8_t { llama, mistral, qwen2, qwen3, gpt2 };
std::string_view to_string(architecture kind);

enum class activation_function : std::uint8_t {
  silu,
  gelu_tanh, ///< the tanh approximation: gelu_new, gelu_pytorch_tanh
  gelu       ///< exact, by the error function
};

/// Frequencies stretched for long contexts, as Llama 3.1 does it.
struct llama3_rope_scaling {
  double factor = 0;
  double low_freq_factor = 0;
  double high_freq_factor = 0;
  std::uint32_t original_context = 0;

  friend bool operator==(const llama3_rope_scaling&, const llama3_rope_scaling&) = default;
};

/// Sizes are counts of numbers, not bytes. gpt2 has layer norms, learned
/// positions and a two-matrix feed-forward; the others have RMS norms, rotary
/// positions and a gated one.
struct model_config {
  architecture kind = architecture::llama;
  std::uint32_t hidden = 0;
  std::uint32_t layers = 0;
  std::uint32_t heads = 0;
  std::uint32_t kv_heads = 0; ///< divides heads
  std::uint32_t head_dim = 0; ///< heads * head_dim need not equal hidden
  std::uint32_t ffn = 0;
  std::uint32_t vocab = 0;
  std::uint32_t context = 0; ///< positions
  double norm_eps = 0;
  double rope_theta = 0;
  std::optional<llama3_rope_scaling> rope_scaling;
  /// Each frequency is divided by its own; empty for none. How GGUF files keep a
  /// scaling.
  std::vector<float> rope_divisors;
  bool qkv_bias = false;
  bool o_bias = false;
  bool mlp_bias = false;
  bool qk_norm = false;   ///< RMS norm of every query and key head
  bool tied_head = false; ///< the head is the embedding's table
  activation_function activation = activation_function::silu;
  /// A position sees itself and this many minus one before it; 0 for all.
  std::uint32_t sliding_window = 0;
  bool scale_attention = true;           ///< by 1 / sqrt(head_dim)
  bool scale_attention_by_layer = false; ///< also by 1 / (block's number + 1)
  std::optional<token_id> bos;
  std::vector<token_id> eos;
};

/// generation_config.json: what the model's makers suggest. Absent fields are
/// empty.
struct generation_defaults {
  std::vector<token_id> eos;
  std::optional<bool> do_sample;
  std::optional<double> temperature, top_p, min_p, repetition_penalty;
  std::optional<std::uint32_t> top_k;
};

/// label: the file's name in messages. Errors: bad_file for text that is no
/// JSON, bad_config naming the key that is missing or absurd, unsupported for a
/// model of a kind we cannot run.
expected<model_config> parse_model_config(const std::string& label, std::string_view text);

/// vocab: token ids must be below it. Errors: bad_file, bad_config.
expected<generation_defaults> parse_generation_config(const std::string& label,
                                                      std::string_view text, std::uint32_t vocab);

} // namespace dci
