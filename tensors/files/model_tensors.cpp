#include "tensors/files/model_tensors.hpp"

namespace dci {

namespace {

using std::int64_t;

void add_linear(std::vector<tensor_spec>& out, const std::string& name, int64_t outputs,
                int64_t inputs, bool bias) {
  out.push_back({name + ".weight", {outputs, inputs}});
  if (bias)
    out.push_back({name + ".bias", {outputs}});
}

// gpt2 keeps its matrices as the convolutions they once were.
void add_conv1d(std::vector<tensor_spec>& out, const std::string& name, int64_t inputs,
                int64_t outputs) {
  out.push_back({name + ".weight", {inputs, outputs}, true});
  out.push_back({name + ".bias", {outputs}});
}

void add_layer_norm(std::vector<tensor_spec>& out, const std::string& name, int64_t size) {
  out.push_back({name + ".weight", {size}});
  out.push_back({name + ".bias", {size}});
}

std::vector<tensor_spec> gpt2_block(const model_config& c) {
  std::vector<tensor_spec> out;
  const int64_t hidden = c.hidden;
  add_layer_norm(out, "ln_1", hidden);
  add_conv1d(out, "attn.c_attn", hidden, 3 * hidden);
  add_conv1d(out, "attn.c_proj", hidden, hidden);
  add_layer_norm(out, "ln_2", hidden);
  add_conv1d(out, "mlp.c_fc", hidden, c.ffn);
  add_conv1d(out, "mlp.c_proj", c.ffn, hidden);
  return out;
}

std::vector<tensor_spec> llama_block(const model_config& c) {
  std::vector<tensor_spec> out;
  const auto queries = int64_t{c.heads} * c.head_dim;
  const auto keys = int64_t{c.kv_heads} * c.head_dim;
  out.push_back({"input_layernorm.weight", {c.hidden}});
  add_linear(out, "self_attn.q_proj", queries, c.hidden, c.qkv_bias);
  add_linear(out, "self_attn.k_proj", keys, c.hidden, c.qkv_bias);
  add_linear(out, "self_attn.v_proj", keys, c.hidden, c.qkv_bias);
  add_linear(out, "self_attn.o_proj", c.hidden, queries, c.o_bias);
  if (c.qk_norm) {
    out.push_back({"self_attn.q_norm.weight", {c.head_dim}});
    out.push_back({"self_attn.k_norm.weight", {c.head_dim}});
  }
  out.push_back({"post_attention_layernorm.weight", {c.hidden}});
  add_linear(out, "mlp.gate_proj", c.ffn, c.hidden, c.mlp_bias);
  add_linear(out, "mlp.up_proj", c.ffn, c.hidden, c.mlp_bias);
  add_linear(out, "mlp.down_proj", c.hidden, c.ffn, c.mlp_bias);
  return out;
}

bool is_gpt2(const model_config& config) {
  return config.kind == architecture::gpt2;
}

} // namespace

std::string_view outer_prefix(const model_config& config) {
  return is_gpt2(config) ? "transformer." : "model.";
}

std::string block_prefix(const model_config& config, std::uint32_t layer) {
  return (is_gpt2(config) ? "h." : "layers.") + std::to_string(layer) + ".";
}

std::vector<tensor_spec> block_tensors(const model_config& config) {
  return is_gpt2(config) ? gpt2_block(config) : llama_block(config);
}

std::vector<tensor_spec> embedding_tensors(const model_config& config) {
  if (!is_gpt2(config))
    return {{"embed_tokens.weight", {config.vocab, config.hidden}}};
  return {{"wte.weight", {config.vocab, config.hidden}},
          {"wpe.weight", {config.context, config.hidden}}};
}

std::vector<tensor_spec> head_tensors(const model_config& config) {
  std::vector<tensor_spec> out;
  if (is_gpt2(config))
    add_layer_norm(out, "ln_f", config.hidden);
  else
    out.push_back({"norm.weight", {config.hidden}});
  if (config.tied_head)
    out.push_back(embedding_tensors(config).front());
  else
    out.push_back({"lm_head.weight", {config.vocab, config.hidden}});
  return out;
}

std::uint64_t count_of(const std::vector<tensor_spec>& tensors) {
  std::uint64_t total = 0;
  for (const auto& tensor : tensors) {
    std::uint64_t count = 1;
    for (const auto size : tensor.shape)
      count *= static_cast<std::uint64_t>(size);
    total += count;
  }
  return total;
}

} // namespace dci
