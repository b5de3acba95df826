// Bandwidth by packet trains (Dovrolis, Ramanathan and Moore, IEEE/ACM ToN 12(6), 2004): datagrams
// that leave one right after the other come as far apart as the narrowest part of the way needs for
// each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "actors/proximity_prober/messages.hpp"
#include "runtime/base/node_clock.hpp"

namespace dci {

/// Sent in one train.
inline constexpr std::uint8_t train_datagrams = 8;
/// Taken in one train.
inline constexpr std::uint8_t most_train_datagrams = 32;
/// Machines hand datagrams on in bursts, so what comes within this time came as good as at once:
/// then a bandwidth is only known to be at least so much.
inline constexpr node_clock::duration arrival_resolution = std::chrono::microseconds(100);
/// Between two datagrams of a train, until those that are missing are lost.
inline constexpr node_clock::duration longest_train_gap = std::chrono::seconds(1);

struct bandwidth_estimate {
  double mbit_per_s = 0; ///< 10^6 bits/s, IP and UDP headers included
  bool at_least = false; ///< it may be more

  friend bool operator==(const bandwidth_estimate&, const bandwidth_estimate&) = default;
};

/// Of a datagram that carries this message, headers included.
std::size_t bytes_on_wire(const proximity_message& message);

/// A train, each datagram as long as any may be.
std::vector<proximity_message> make_train(std::uint32_t number);

/// By the median of the slopes between all datagrams that came with none lost between them (Theil
/// and Sen), which a few that were late or in another order do not move. bytes: of each, headers
/// included. Nothing where fewer than half of the gaps are between datagrams that came.
std::optional<bandwidth_estimate> bandwidth_of(std::span<const std::optional<node_time>> arrivals,
                                               std::size_t bytes);

/// What a train of so many datagrams can show at most.
double most_mbit_per_s(std::size_t datagrams, std::size_t bytes);

/// The train that a peer is sending.
class train_collector {
 public:
  /// bytes: of the datagram, headers included. Returns why it is dropped; empty: it is not. The
  /// first one of another train ends this one.
  std::string_view take(const proximity_train& m, std::size_t bytes, node_time arrived);

  bool is_whole() const;
  /// When no more of it will come; no_time where no train is under way.
  node_time due() const;
  /// Ends the train. Nothing where too little of it came.
  std::optional<proximity_train_report> finish();

 private:
  std::optional<std::uint32_t> number_;
  std::size_t bytes_ = 0;
  std::vector<std::optional<node_time>> arrivals_; ///< of those that came, by their place
  std::uint8_t received_ = 0;
  node_time newest_{};
};

} // namespace dci
