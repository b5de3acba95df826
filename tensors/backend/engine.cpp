#include "tensors/backend/engine.hpp"

#include <algorithm>

#include "runtime/base/machine.hpp"
#include "tensors/backend/draft.hpp"
#include "tensors/files/model_profile.hpp"

namespace dci {

namespace {

constexpr std::uint64_t most_contexts = 8;
constexpr std::uint64_t share_of_memory = 4;

} // namespace

range_options options_of(const engine_settings& settings, const model_config& model,
                         layer_span layers) {
  range_options out;
  out.half_rows = settings.activations == "f16";
  out.half_kv = settings.kv_format == "f16";
  out.kv_memory = kv_bytes(settings);
  if (out.kv_memory != 0)
    return out;
  const auto wanted =
      profile_of(model).kv_bytes_per_position(layers) * model.context * most_contexts;
  // Unknown memory is no reason to refuse everybody.
  const auto available = available_memory();
  out.kv_memory = available == 0 ? wanted : std::min(wanted, available / share_of_memory);
  return out;
}

expected<proposer_factory> load_proposers(const engine_settings& settings, const model_files& model,
                                          backend kind) {
  if (settings.speculation == "prompt_lookup")
    return prompt_lookup(settings.proposals);
  if (settings.speculation == "draft")
    return load_draft(settings, model, kind);
  return proposer_factory{};
}

} // namespace dci
