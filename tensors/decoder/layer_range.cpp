#include "tensors/decoder/layer_range.hpp"

namespace dci {

expected<activation> layer_range::forward(std::span<const token_id> tokens, kv_cache& cache) const {
  const range_input input{&cache, tokens, {}};
  return std::move(forward_batch({&input, 1}).front());
}

expected<activation> layer_range::forward(const activation& input, kv_cache& cache) const {
  const range_input one{&cache, {}, input};
  return std::move(forward_batch({&one, 1}).front());
}

expected<std::vector<float>> layer_range::logits(const activation& output,
                                                 std::uint32_t row) const {
  const logits_input one{&output, row};
  return std::move(logits_batch({&one, 1}).front());
}

} // namespace dci
