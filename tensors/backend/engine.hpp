// From settings to what a stage needs.
#pragma once

#include "tensors/backend/backend.hpp"
#include "tensors/backend/engine_settings.hpp"
#include "tensors/decoder/proposer.hpp"
#include "tensors/files/model_config.hpp"

namespace dci {

/// How to load a range as the settings say. Where they leave the memory for keys
/// and values open, it goes by the model and by what the machine has.
range_options options_of(const engine_settings& settings, const model_config& model,
                         layer_span layers);

/// Who guesses ahead, nobody where speculation is off. Loads the draft model, which
/// must have the model's vocabulary. Errors: bad_config when it has another one;
/// those of opening and loading a model.
expected<proposer_factory> load_proposers(const engine_settings& settings, const model_files& model,
                                          backend kind);

} // namespace dci
