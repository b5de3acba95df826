// Simulated networks whose latencies change as time goes on.
#pragma once

#include <memory>
#include <vector>

#include "runtime/sim/network.hpp"
#include "runtime/sim/scene.hpp"

namespace dci {

class changing_network : public sim_network {
 public:
  /// From now on latencies are as they are at this time.
  virtual void go_to(node_time now) = 0;
};

/// As matrices measured one after the other say; after the last one they come in the reverse order,
/// so that nothing jumps that did not when it was measured. Each node stands beside a measured one,
/// drawn, behind 0.5 to 3 ms of access of its own.
std::unique_ptr<changing_network> network_of(const std::vector<round_trips>& slices,
                                             std::uint32_t nodes, node_clock::duration slice_lasts,
                                             random_source random);

/// Each link's latency is drawn anew every minute, at times of its own: log-normal about what it is
/// in the network beneath, half of all draws within a factor of 1.4.
std::unique_ptr<changing_network> restless(std::unique_ptr<sim_network> beneath,
                                           random_source random);

/// Where what is measured came from, if it did.
struct slices_source {
  std::string first;              ///< the first file, named ...1; the others count up. Empty: none
  std::chrono::seconds lasts{15}; ///< each
};

/// As the files say, with the scene's number of nodes, or else the scene's network, restless.
/// Errors: those of open_network() and read_slices(), bad_config for slices of no time.
expected<std::unique_ptr<changing_network>> open_changing(const sim_scene& scene,
                                                          const slices_source& slices);

} // namespace dci
