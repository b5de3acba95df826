// What a model's layers cost in memory, from its config alone: for planning.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/layers.hpp"
#include "tensors/files/model_config.hpp"

namespace dci {

/// Bytes in memory, where every number is an F32.
struct model_profile {
  /// Of the decoder block alone; all blocks of a model are alike.
  std::uint64_t block_weight_bytes = 0;
  std::uint64_t block_kv_bytes_per_position = 0;
  std::uint64_t embedding_bytes = 0; ///< comes with block 0
  std::uint64_t head_bytes = 0;      ///< final norm and head: with the last block
  /// What head_bytes counts twice when the head is tied and one range holds both ends.
  std::uint64_t shared_bytes = 0;
  std::uint64_t activation_bytes_per_position = 0;
  std::uint32_t layers = 0;
  std::uint32_t context = 0;
  std::uint32_t vocab = 0;

  /// Weights a range must hold, the embedding and the head where they belong to it.
  std::uint64_t weight_bytes(layer_span span) const;
  std::uint64_t kv_bytes_per_position(layer_span span) const;
  /// weight_bytes of each block by itself.
  std::vector<std::uint64_t> weight_bytes_by_layer() const;
};

model_profile profile_of(const model_config& config);

} // namespace dci
