#include "tensors/files/model_profile.hpp"

#include "tensors/files/model_tensors.hpp"

namespace dci {

std::uint64_t model_profile::weight_bytes(layer_span span) const {
  if (span.empty())
    return 0;
  auto bytes = span.count() * block_weight_bytes;
  const bool first = span.first == 0;
  const bool last = span.last == layers;
  if (first)
    bytes += embedding_bytes;
  if (last)
    bytes += head_bytes;
  return first && last ? bytes - shared_bytes : bytes;
}

std::uint64_t model_profile::kv_bytes_per_position(layer_span span) const {
  return span.count() * block_kv_bytes_per_position;
}

std::vector<std::uint64_t> model_profile::weight_bytes_by_layer() const {
  std::vector<std::uint64_t> out;
  for (std::uint32_t layer = 0; layer < layers; ++layer)
    out.push_back(weight_bytes({layer, layer + 1}));
  return out;
}

model_profile profile_of(const model_config& config) {
  model_profile out;
  const auto size = sizeof(float);
  out.block_weight_bytes = size * count_of(block_tensors(config));
  out.block_kv_bytes_per_position = size * 2 * config.kv_heads * config.head_dim;
  out.embedding_bytes = size * count_of(embedding_tensors(config));
  out.head_bytes = size * count_of(head_tensors(config));
  if (config.tied_head)
    out.shared_bytes = size * config.vocab * config.hidden;
  out.activation_bytes_per_position = size * config.hidden;
  out.layers = config.layers;
  out.context = config.context;
  out.vocab = config.vocab;
  return out;
}

} // namespace dci
