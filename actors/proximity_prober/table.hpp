// A node's proximity table, as it is shown and reported.
#pragma once

#include "actors/proximity_prober/composite_score.hpp"
#include "actors/proximity_prober/prober.hpp"
#include "actors/proximity_prober/requests.hpp"

namespace dci {

proximity_description describe(const prober& machine, const proximity_weights& weights,
                               node_time now);

} // namespace dci
