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
  link_conditions conditions;        ///< of every node's line
  std::uint64_t seed = 1;
};

inline sim_scene scene_of(std::uint32_t nodes, double loss) {
  sim_scene out;
  out.nodes = nodes;
  out.conditions.loss = loss;
  return out;
}

/// Whether it can be. Errors: bad_config for fewer than two nodes, more than a million, a scale
/// that is not above 0, and conditions that cannot be.
result check(const sim_scene& scene);

/// Draws or reads the network; its size is the scene's number of nodes, or that of the matrix
/// where that has fewer. Errors: those of check(), bad_config for the kind, bad_file.
expected<std::unique_ptr<sim_network>> open_network(const sim_scene& scene);

/// Of a run that did not come to its end: what went wrong, and the seed that repeats it.
tl::unexpected<error> failed_run(const sim_scene& scene, const std::string& what);

/// What the network is called in a report.
std::string name_of(const sim_scene& scene);

} // namespace dci
