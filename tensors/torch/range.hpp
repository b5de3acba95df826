// A layer range made of LibTorch blocks.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include "tensors/decoder/layer_range.hpp"
#include "tensors/files/model_config.hpp"
#include "tensors/torch/block.hpp"
#include "tensors/torch/weight_set.hpp"

namespace dci {

class torch_range final : public layer_range {
 public:
  torch_range(const model_config& config, layer_span layers, const weight_set& weights,
              const range_options& options);

  const range_info& info() const override {
    return info_;
  }
  expected<std::unique_ptr<kv_cache>> make_cache(std::uint32_t max_positions,
                                                 std::span<const token_id> prompt) const override;
  std::vector<expected<activation>>
  forward_batch(std::span<const range_input> inputs) const override;
  std::vector<expected<std::vector<float>>>
  logits_batch(std::span<const logits_input> rows) const override;

 private:
  expected<activation> forward_one(const range_input& input) const;
  expected<std::vector<float>> logits_of(const activation& output, std::uint32_t row) const;
  at::Tensor embed(std::span<const token_id> tokens, std::int64_t first) const;
  at::Tensor final_norm(const at::Tensor& x) const;
  expected<activation> run(at::Tensor x, torch_kv_cache& cache) const;

  model_config config_;
  range_info info_;
  std::shared_ptr<kv_budget> budget_;
  std::vector<double> frequencies_; // none for learned positions
  std::vector<std::unique_ptr<block>> blocks_;
  at::Tensor tokens_, positions_;      // first range only
  at::Tensor norm_, norm_bias_, head_; // last range only
};

} // namespace dci
