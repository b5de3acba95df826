// Which of the links that a node measured go into its report.
#pragma once

#include <vector>

#include "actors/gossip/messages.hpp"
#include "actors/gossip/settings.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

struct link_of_age {
  link_figures figures;
  node_clock::duration age{}; ///< since it was measured
};

/// The nearest ones of those measured lately, nearest first.
std::vector<link_figures> nearest_links(const std::vector<link_of_age>& measured,
                                        const gossip_settings& settings);

} // namespace dci
