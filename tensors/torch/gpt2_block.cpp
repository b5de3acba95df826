#include <cmath>

#include "tensors/torch/block.hpp"

namespace dci {

namespace {

struct layer_norm {
  at::Tensor weight;
  at::Tensor bias;
  double eps;

  at::Tensor operator()(const at::Tensor& x) const {
    return at::layer_norm(x, weight.sizes(), weight, bias, eps);
  }
};

class gpt2_block final : public block {
 public:
  gpt2_block(const model_config& config, const weight_set& weights, std::uint32_t layer)
      : config_(config), attention_norm_(norm_of(weights, "ln_1")),
        qkv_(linear_of(weights, "attn.c_attn")), o_(linear_of(weights, "attn.c_proj")),
        ffn_norm_(norm_of(weights, "ln_2")), up_(linear_of(weights, "mlp.c_fc")),
        down_(linear_of(weights, "mlp.c_proj")) {
    if (config.scale_attention)
      scale_ /= std::sqrt(double(config.head_dim));
    if (config.scale_attention_by_layer)
      scale_ /= layer + 1;
  }

  at::Tensor forward(const at::Tensor& x, const block_step& step,
                     std::uint32_t slot) const override {
    const auto attended = x + attention(attention_norm_(x), step, slot);
    return attended + down_(activate(up_(ffn_norm_(attended)), config_.activation));
  }

 private:
  // Stored as [in, out]; the transposed view costs nothing.
  static linear linear_of(const weight_set& weights, const std::string& name) {
    return {weights.get(name + ".weight").t(), weights.get(name + ".bias")};
  }

  layer_norm norm_of(const weight_set& weights, const std::string& name) const {
    return {weights.get(name + ".weight"), weights.get(name + ".bias"), config_.norm_eps};
  }

  at::Tensor attention(const at::Tensor& x, const block_step& step, std::uint32_t slot) const {
    const auto parts = qkv_(x).view({x.size(0), 3, config_.heads, config_.head_dim});
    const auto all = step.cache->append(slot, parts.select(1, 1).transpose(0, 1),
                                        parts.select(1, 2).transpose(0, 1));
    return o_(attend(parts.select(1, 0), all.keys, all.values, {step.first, 0, scale_}));
  }

  model_config config_;
  layer_norm attention_norm_;
  linear qkv_, o_;
  layer_norm ffn_norm_;
  linear up_, down_;
  double scale_ = 1;
};

} // namespace

std::unique_ptr<block> make_gpt2_block(const model_config& config, const weight_set& weights,
                                       std::uint32_t layer) {
  return std::make_unique<gpt2_block>(config, weights, layer);
}

} // namespace dci
