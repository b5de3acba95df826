// The simulated network: how long a packet is under way between two nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "net/shaping/conditions.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/node_clock.hpp"
#include "runtime/base/random.hpp"
#include "runtime/sim/round_trips.hpp"

namespace dci {

class sim_network {
 public:
  virtual ~sim_network() = default;
  /// Nodes it has room for.
  virtual std::uint32_t size() const = 0;
  /// One way, the same in both directions.
  virtual node_clock::duration one_way(std::uint32_t from, std::uint32_t to) const = 0;

  /// What each node's own line adds to that, for all that it sends.
  const link_conditions& conditions() const {
    return conditions_;
  }
  void set_conditions(const link_conditions& are) {
    conditions_ = are;
  }

 private:
  link_conditions conditions_;
};

/// Synthetic networks, all of latencies as they are on the Internet:
///   uniform       nodes anywhere in a square of 100 ms, each behind 1 to 10 ms of access
///   clustered     20 places in that square, nodes within 2 ms of one, behind 0.5 to 3 ms
///   transit-stub  8 backbone places in it, 12 regions of stub networks at each, 5 to 15 ms
///                 away, nodes within 2 ms of a stub's router
/// Errors: bad_config for another kind.
expected<std::unique_ptr<sim_network>> make_network(std::string_view kind, std::uint32_t nodes,
                                                    random_source random);

/// A network that was measured. Where one direction is unknown, the other one counts; where both
/// are, the link gets the median of all.
std::unique_ptr<sim_network> network_of(const round_trips& measured);

} // namespace dci
