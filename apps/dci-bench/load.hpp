// How long a model takes to load.
#pragma once

#include "apps/dci-bench/engine.hpp"

namespace dci {

/// Loads and packs the whole model, in turn with copying its file into fresh memory
/// on as many threads. The file is read once before, so it comes from the page cache.
expected<measurement> measure_load(const engine_flags& flags);

} // namespace dci
