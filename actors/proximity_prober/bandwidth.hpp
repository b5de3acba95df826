// The bandwidth of the way to one peer, out of what it says of a few trains.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "actors/proximity_prober/packet_train.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

struct link_bandwidth {
  bandwidth_estimate estimate;
  std::size_t trains = 0; ///< so many it is made of
  double confidence = 0;  ///< from 0 to 1
  node_time measured{};   ///< when the newest report came
};

/// Pure: the trains sent to one peer, one at a time.
class bandwidth_record {
 public:
  static constexpr std::size_t most_kept = 5;

  void sent(std::uint32_t number, node_time now);
  /// How long it took to send the one under way: no train shows more than its sender's own speed.
  void left(node_clock::duration took);
  /// Returns why the report is dropped; empty: it is not.
  std::string_view take(const proximity_train_report& m, node_time arrived);

  /// When the last one was sent.
  const std::optional<node_time>& last() const {
    return last_;
  }
  /// Of which value() is made.
  std::size_t trains() const {
    return newest_.size();
  }
  /// The median of the newest trains, and how many of them there are and how well they agree: 1 -
  /// twice their median distance from the median, relative, times the share of most_kept.
  std::optional<link_bandwidth> value() const;

 private:
  struct train {
    std::uint32_t number = 0;
    node_time sent{};
    node_clock::duration took{};
  };

  std::optional<train> under_way_;
  std::optional<node_time> last_;
  std::vector<bandwidth_estimate> newest_;
  node_time measured_{};
};

} // namespace dci
