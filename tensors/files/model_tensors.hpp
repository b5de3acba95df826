// Which tensors a model has, by name and shape: the one list that loading and
// planning share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensors/files/model_config.hpp"

namespace dci {

struct tensor_spec {
  std::string name;
  std::vector<std::int64_t> shape;
  bool conv1d = false; ///< one of gpt2's matrices: [in, out]
};

/// What files may put before every name but the head's: "model." or
/// "transformer.".
std::string_view outer_prefix(const model_config& config);
/// What comes before a block's own names: "layers.3." or "h.3.".
std::string block_prefix(const model_config& config, std::uint32_t layer);

/// The tensors of one block, without the block's prefix. Linear weights are
/// [out, in], except gpt2's, which are [in, out].
std::vector<tensor_spec> block_tensors(const model_config& config);
/// The token table first, [vocab, hidden]; then gpt2's position table.
std::vector<tensor_spec> embedding_tensors(const model_config& config);
/// The final norm's, then the head, [vocab, hidden]: the token table once more
/// where the head is tied.
std::vector<tensor_spec> head_tensors(const model_config& config);

/// Numbers in all of them.
std::uint64_t count_of(const std::vector<tensor_spec>& tensors);

} // namespace dci
