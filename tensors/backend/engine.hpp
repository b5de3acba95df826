// From settings to what a stage needs.
#pragma once

#include "tensors/backend/backend.hpp"
#include "tensors/backend/engine_settings.hpp"
#include "tensors/decoder/proposer.hpp"
#include "tensors/files/model_config.hpp"

namespace dci {

/// Bytes for the keys and values of all sessions of a range: as the settings say,
/// or by themselves.
std::uint64_t kv_budget_of(const engine_settings& settings, const model_config& model,
                           layer_span layers);

/// Who guesses ahead, nobody where speculation is off. Loads the draft model, which
/// must have the model's vocabulary. Errors: bad_config when it has another one;
/// those of opening and loading a model.
expected<proposer_factory> load_proposers(const engine_settings& settings, const model_files& model,
                                          backend kind);

} // namespace dci
