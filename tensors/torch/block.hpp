// One decoder block.
#pragma once

#include <cstdint>
#include <memory>

#include <ATen/ATen.h>

#include "tensors/files/model_config.hpp"
#include "tensors/torch/kv.hpp"
#include "tensors/torch/ops.hpp"
#include "tensors/torch/weight_set.hpp"

namespace dci {

/// What the blocks of one forward share.
struct block_step {
  std::int64_t first = 0; ///< the first row's position
  rotation turn;          ///< of these positions; empty for learned ones
  torch_kv_cache* cache = nullptr;
};

class block {
 public:
  virtual ~block() = default;
  /// [n, hidden] to [n, hidden]; appends n positions to block `slot` of the
  /// step's cache.
  virtual at::Tensor forward(const at::Tensor& x, const block_step& step,
                             std::uint32_t slot) const = 0;
};

/// RMS norms, rotary positions, grouped heads, gated feed-forward: llama,
/// mistral, qwen2 and qwen3. weights: this block's.
std::unique_ptr<block> make_llama_block(const model_config& config, const weight_set& weights);
/// Layer norms, one matrix for queries, keys and values, plain feed-forward.
/// layer: the block's number in the model.
std::unique_ptr<block> make_gpt2_block(const model_config& config, const weight_set& weights,
                                       std::uint32_t layer);

} // namespace dci
