// How the overlay's nodes come and go in experiments.
#pragma once

#include "runtime/sim/overlay_world.hpp"

namespace dci {

/// Nodes come one by one, ever faster as there are more to come through.
void assemble(overlay_world& world, std::uint32_t nodes);

/// Nodes die or leave as time goes on, each followed by a new one with another id at its place.
class churn {
 public:
  /// per_hour: share of the nodes. leaving: share of these that say good-bye.
  churn(overlay_world& world, double per_hour, random_source random, double leaving = 0);

  void run_until(node_time end);
  std::uint32_t died() const {
    return died_;
  }
  std::uint32_t left() const {
    return left_;
  }

 private:
  node_clock::duration until_next();

  overlay_world& world_;
  random_source random_;
  double mean_us_ = 0, leaving_;
  node_time next_{};
  std::uint32_t died_ = 0, left_ = 0;
};

} // namespace dci
