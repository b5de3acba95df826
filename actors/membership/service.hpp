// A member on a real network: the state machine on a link. It has no thread: whoever holds it calls
// turn.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/membership/lan_neighbours.hpp"
#include "actors/membership/requests.hpp"
#include "actors/membership/wire.hpp"
#include "net/datagram/lan_beacon.hpp"
#include "net/datagram/node_link.hpp"

namespace dci {

class membership_service {
 public:
  /// Serves the link's membership channel and asks the seeds. on_arrival is called on the link's
  /// thread when datagrams wait for a turn. Errors: bad_config; unreachable for a seed's name;
  /// already_exists where the link has a membership.
  static expected<std::unique_ptr<membership_service>> start(const membership_config& config,
                                                             std::shared_ptr<node_link> link,
                                                             node_time now,
                                                             std::function<void()> on_arrival);
  /// Says good-bye.
  ~membership_service();
  membership_service(const membership_service&) = delete;
  membership_service& operator=(const membership_service&) = delete;

  /// Takes what has come and does what is due. Returns when the next turn is due at the latest.
  node_time turn(node_time now);
  /// What has happened since the last call.
  std::vector<member_event> take_events();
  struct seen_round_trip {
    contact node;
    node_clock::duration time{};
  };
  /// Of the pings that were answered since the last call.
  std::vector<seen_round_trip> take_round_trips();
  const swim& state() const {
    return swim_;
  }
  membership_description describe() const;

 private:
  membership_service(std::shared_ptr<node_link> link, const membership_settings& settings,
                     node_time now);
  void take(const arrival& one, node_time now);
  void ask_neighbours(node_time now);
  void flush();

  std::shared_ptr<node_link> link_;
  key_seal seal_;
  membership_settings settings_;
  swim swim_;
  membership_output out_;
  std::vector<member_event> events_;
  std::vector<seen_round_trip> round_trips_;
  bool serves_ = false;
  std::mutex mutex_;            ///< over those that the beacon has heard
  std::vector<endpoint> heard_; ///< and that wait to be asked
  lan_neighbours neighbours_;
  std::unique_ptr<lan_beacon> lan_; // last: its thread uses the others
};

} // namespace dci
