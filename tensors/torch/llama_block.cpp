#include <cmath>

#include "tensors/torch/block.hpp"

namespace dci {

namespace {

class llama_block final : public block {
 public:
  llama_block(const model_config& config, const weight_set& weights)
      : config_(config), attention_norm_(weights.get("input_layernorm.weight")),
        q_(linear_of(weights, "self_attn.q_proj")), k_(linear_of(weights, "self_attn.k_proj")),
        v_(linear_of(weights, "self_attn.v_proj")), o_(linear_of(weights, "self_attn.o_proj")),
        q_norm_(weights.get("self_attn.q_norm.weight")),
        k_norm_(weights.get("self_attn.k_norm.weight")),
        ffn_norm_(weights.get("post_attention_layernorm.weight")),
        gate_(linear_of(weights, "mlp.gate_proj")), up_(linear_of(weights, "mlp.up_proj")),
        down_(linear_of(weights, "mlp.down_proj")) {
  }

  at::Tensor forward(const at::Tensor& x, const block_step& step,
                     std::uint32_t slot) const override {
    const auto attended = x + attention(rms_norm(x, attention_norm_, config_.norm_eps), step, slot);
    const auto normed = rms_norm(attended, ffn_norm_, config_.norm_eps);
    return attended + down_(activate(gate_(normed), config_.activation) * up_(normed));
  }

 private:
  static linear linear_of(const weight_set& weights, const std::string& name) {
    return {weights.get(name + ".weight"), weights.get(name + ".bias")};
  }

  // [n, heads * head_dim] to [n, heads, head_dim], normed where the model does that.
  at::Tensor split(const at::Tensor& x, std::int64_t heads, const at::Tensor& norm) const {
    const auto parts = x.view({x.size(0), heads, config_.head_dim});
    return norm.defined() ? rms_norm(parts, norm, config_.norm_eps) : parts;
  }

  at::Tensor attention(const at::Tensor& x, const block_step& step, std::uint32_t slot) const {
    const auto queries = rotate(split(q_(x), config_.heads, q_norm_), step.turn);
    const auto keys = rotate(split(k_(x), config_.kv_heads, k_norm_), step.turn);
    const auto values = split(v_(x), config_.kv_heads, {});
    const auto all = step.cache->append(slot, keys.transpose(0, 1), values.transpose(0, 1));
    const double scale = 1 / std::sqrt(double(config_.head_dim));
    return o_(attend(queries, all.keys, all.values, {step.first, config_.sliding_window, scale}));
  }

  model_config config_;
  at::Tensor attention_norm_;
  linear q_, k_, v_, o_;
  at::Tensor q_norm_, k_norm_;
  at::Tensor ffn_norm_;
  linear gate_, up_, down_;
};

} // namespace

std::unique_ptr<block> make_llama_block(const model_config& config, const weight_set& weights) {
  return std::make_unique<llama_block>(config, weights);
}

} // namespace dci
