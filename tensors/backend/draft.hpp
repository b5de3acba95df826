// A smaller model that guesses what a larger one will say.
#pragma once

#include "tensors/backend/backend.hpp"
#include "tensors/backend/engine_settings.hpp"
#include "tensors/decoder/proposer.hpp"

namespace dci {

/// Proposers that ask the model at settings.draft for its likeliest tokens.
/// Errors: bad_config when its vocabulary is not that of `target`; those of opening
/// and loading it.
expected<proposer_factory> load_draft(const engine_settings& settings, const model_files& target,
                                      backend kind);

} // namespace dci
