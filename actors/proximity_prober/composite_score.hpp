// How near a node is, as one number.
#pragma once

#include <chrono>
#include <optional>

namespace dci {

/// score = alpha * L0 / (L0 + L) + beta * B / (B0 + B), where L is the round trip and B the
/// bandwidth of a link. L0 and B0 are fixed per network, so scores of different nodes compare and
/// one outlier does not flatten the rest.
struct proximity_weights {
  double alpha = 0.7;                                                   ///< beta is 1 - alpha
  std::chrono::microseconds round_trip = std::chrono::milliseconds(50); ///< L0
  double bandwidth_mbit = 100;                                          ///< B0
  /// B_min: a link of less is not for large transfers.
  double least_bandwidth_mbit = 10;
};

/// In [0, 1), higher is closer. With the bandwidth unknown its term is 0.
constexpr double composite_score(const proximity_weights& weights,
                                 std::chrono::microseconds round_trip,
                                 std::optional<double> bandwidth_mbit) {
  const auto l0 = static_cast<double>(weights.round_trip.count());
  const auto nearness = l0 / (l0 + static_cast<double>(round_trip.count()));
  const auto width =
      bandwidth_mbit ? *bandwidth_mbit / (weights.bandwidth_mbit + *bandwidth_mbit) : 0;
  return weights.alpha * nearness + (1 - weights.alpha) * width;
}

/// Whether its bandwidth, where it is known, is below B_min.
constexpr bool is_narrow(const proximity_weights& weights, double bandwidth_mbit, bool at_least) {
  return bandwidth_mbit > 0 && !at_least && bandwidth_mbit < weights.least_bandwidth_mbit;
}

} // namespace dci
