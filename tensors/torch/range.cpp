#include "tensors/torch/range.hpp"

#include <algorithm>

#include "tensors/decoder/finite.hpp"
#include "tensors/decoder/range_checks.hpp"
#include "tensors/decoder/rope.hpp"
#include "tensors/files/model_profile.hpp"
#include "tensors/torch/guard.hpp"

namespace dci {

namespace {

// The tensor's numbers without a copy; the handle keeps the tensor.
activation share(const at::Tensor& x, bool half) {
  auto owner = std::make_shared<at::Tensor>(x.contiguous());
  const auto* data = owner->data_ptr<float>();
  return activation::adopt(static_cast<std::uint32_t>(x.size(0)),
                           static_cast<std::uint32_t>(x.size(1)),
                           std::shared_ptr<const float>(std::move(owner), data), half);
}

// The activation's numbers without a copy. from_blob wants mutable data, but no
// operator here writes to its input.
at::Tensor tensor_of(const activation& x) {
  return at::from_blob(
      const_cast<float*>(x.data().get()), {x.rows(), x.cols()}, [owner = x.data()](void*) {},
      at::kFloat);
}

// The first row with a NaN or an infinity, or -1.
std::int64_t non_finite_row(const at::Tensor& x) {
  const auto values = x.contiguous();
  const std::span all(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()));
  const auto bad = first_non_finite(all);
  return bad == all.size() ? -1 : static_cast<std::int64_t>(bad) / x.size(1);
}

} // namespace

torch_range::torch_range(const model_config& config, layer_span layers, const weight_set& weights,
                         const range_options& options)
    : config_(config), budget_(std::make_shared<kv_budget>(options.kv_memory)) {
  const bool learned = config.kind == architecture::gpt2;
  info_ = {layers,
           config.layers,
           config.hidden,
           config.vocab,
           config.context,
           weights.bytes(),
           profile_of(config).kv_bytes_per_position(layers),
           options.half_rows};
  if (!learned)
    frequencies_ = rope_frequencies(config);
  for (auto layer = layers.first; layer < layers.last; ++layer) {
    const auto own = weights.within(block_prefix(config, layer));
    blocks_.push_back(learned ? make_gpt2_block(config, own, layer)
                              : make_llama_block(config, own));
  }
  if (info_.is_first()) {
    tokens_ = weights.get(embedding_tensors(config).front().name);
    positions_ = learned ? weights.get("wpe.weight") : at::Tensor();
  }
  if (info_.is_last()) {
    norm_ = weights.get(learned ? "ln_f.weight" : "norm.weight");
    norm_bias_ = learned ? weights.get("ln_f.bias") : at::Tensor();
    head_ = weights.get(head_tensors(config).back().name);
  }
}

// Tensors that grow hold no pages that others could use: the prompt does not matter.
expected<std::unique_ptr<kv_cache>> torch_range::make_cache(std::uint32_t max_positions,
                                                            std::span<const token_id>) const {
  const auto room = std::min(max_positions, info_.context);
  DCI_ASSIGN(auto promise, budget_->promise(room * info_.kv_bytes_per_position, name_of(info_)));
  return std::make_unique<torch_kv_cache>(this, std::move(promise), info_.layers.count(),
                                          config_.kv_heads, config_.head_dim, room);
}

// One after the other: the operators have no notion of several caches.
std::vector<expected<activation>>
torch_range::forward_batch(std::span<const range_input> inputs) const {
  std::vector<expected<activation>> out;
  for (const auto& input : inputs)
    out.push_back(guarded(name_of(info_), [&] { return forward_one(input); }));
  return out;
}

expected<activation> torch_range::forward_one(const range_input& input) const {
  auto* const own = dynamic_cast<torch_kv_cache*>(input.cache);
  if (own == nullptr || own->owner() != this)
    return fail(foreign_cache(info_));
  DCI_TRY(check_forward(info_, input));
  return run(info_.is_first() ? embed(input.tokens, own->length()) : tensor_of(input.rows), *own);
}

at::Tensor torch_range::embed(std::span<const token_id> tokens, std::int64_t first) const {
  const auto count = static_cast<std::int64_t>(tokens.size());
  auto ids = at::empty({count}, at::kLong);
  std::ranges::copy(tokens, ids.data_ptr<std::int64_t>());
  auto rows = tokens_.index_select(0, ids);
  return positions_.defined() ? rows + positions_.narrow(0, first, count) : rows;
}

expected<activation> torch_range::run(at::Tensor x, torch_kv_cache& cache) const {
  block_step step{cache.length(), {}, &cache};
  if (!frequencies_.empty())
    step.turn = rotation_at(frequencies_, step.first, x.size(0));
  for (std::uint32_t slot = 0; slot < blocks_.size(); ++slot) {
    x = blocks_[slot]->forward(x, step, slot);
    if (info_.half_rows)
      x = x.to(at::kHalf).to(at::kFloat);
    // Looked for after every block: the next one would spread it to all rows.
    if (const auto row = non_finite_row(x); row >= 0) {
      // Attention spreads a value that is not finite to earlier rows, as zero times NaN.
      const auto values = cache.values(slot).narrow(1, step.first, x.size(0)).transpose(0, 1);
      const auto origin = non_finite_row(values.flatten(1));
      return fail(not_finite_result(
          info_, static_cast<std::size_t>(step.first + (origin >= 0 ? origin : row))));
    }
  }
  auto out = share(x, info_.half_rows);
  cache.commit(out.rows());
  return out;
}

at::Tensor torch_range::final_norm(const at::Tensor& x) const {
  if (norm_bias_.defined())
    return at::layer_norm(x, norm_.sizes(), norm_, norm_bias_, config_.norm_eps);
  return rms_norm(x, norm_, config_.norm_eps);
}

std::vector<expected<std::vector<float>>>
torch_range::logits_batch(std::span<const logits_input> rows) const {
  std::vector<expected<std::vector<float>>> out;
  for (const auto& one : rows)
    out.push_back(guarded(name_of(info_), [&] { return logits_of(*one.output, one.row); }));
  return out;
}

expected<std::vector<float>> torch_range::logits_of(const activation& output,
                                                    std::uint32_t row) const {
  DCI_TRY(check_logits(info_, output, row));
  const auto x = tensor_of(output).narrow(0, row, 1);
  const auto scores = at::linear(final_norm(x), head_).contiguous();
  const auto* data = scores.data_ptr<float>();
  std::vector<float> out(data, data + scores.numel());
  if (first_non_finite(out) != out.size())
    return fail(not_finite_logits(info_));
  return out;
}

} // namespace dci
