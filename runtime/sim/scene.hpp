// On which network an experiment takes place.
#pragma once

#include <memory>
#include <string>

#include "runtime/sim/network.hpp"

namespace dci {

struct sim_scene {
  std::uint32_t nodes = 1000;
  std::string network = "clustered"; ///< uniform, clustered or transit-stub
  std::string rtt;                   ///< a file of round trips, instead of these
  double rtt_scale = 1;              ///< what its numbers are multiplied with to be ms
  std::uint64_t seed = 1;
};

/// Draws or reads the network; its size is the scene's number of nodes, or that of the matrix
/// where that has fewer. Errors: bad_config for the kind and for fewer than two nodes or more than
/// a million, bad_file.
expected<std::unique_ptr<sim_network>> open_network(const sim_scene& scene);

/// What the network is called in a report.
std::string name_of(const sim_scene& scene);

} // namespace dci
