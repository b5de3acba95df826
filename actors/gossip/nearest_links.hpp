// Which of the links that a node measured go into its report.
#pragma once

#include <vector>

#include "actors/gossip/messages.hpp"
#include "actors/gossip/settings.hpp"
#include "actors/proximity_prober/requests.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

struct link_of_age {
  link_figures figures;
  node_clock::duration age{}; ///< since it was measured
};

/// Those that were measured, as reports tell of them.
std::vector<link_of_age> links_of(const proximity_description& measured);

/// The nearest ones of those measured lately, nearest first.
std::vector<link_figures> nearest_links(const std::vector<link_of_age>& measured,
                                        const gossip_settings& settings);

} // namespace dci
