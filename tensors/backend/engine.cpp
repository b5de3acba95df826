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

std::uint64_t kv_budget_of(const engine_settings& settings, const model_config& model,
                           layer_span layers) {
  if (const auto given = kv_bytes(settings); given != 0)
    return given;
  const auto wanted =
      profile_of(model).kv_bytes_per_position(layers) * model.context * most_contexts;
  // Unknown memory is no reason to refuse everybody.
  const auto available = available_memory();
  return available == 0 ? wanted : std::min(wanted, available / share_of_memory);
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
