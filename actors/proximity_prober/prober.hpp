// How far each member is, and how wide the way to it: one of them is probed at a time, by turns,
// within a budget; where there are many, the nearest ones oftener than the rest. While packet
// trains to the nearest are due, a share of the budget is saved for them. A pure state machine, as
// membership is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "actors/proximity_prober/bandwidth.hpp"
#include "actors/proximity_prober/coordinates.hpp"
#include "actors/proximity_prober/messages.hpp"
#include "net/contact.hpp"
#include "runtime/base/node_clock.hpp"
#include "runtime/base/random.hpp"

namespace dci {

struct prober_settings {
  using time = std::chrono::microseconds;

  /// Sent and received for probing, headers included, bytes per second.
  std::uint32_t budget = 4096;
  time least_pause = std::chrono::milliseconds(50); ///< between two probes
  time lost_after = std::chrono::seconds(2);        ///< a probe without an echo
  std::uint32_t nearest = 24;                       ///< so many peers are not left to their turn
  time nearest_every = std::chrono::seconds(20);    ///< when they were not measured for so long
  double train_share = 0.25;                        ///< of the budget, while trains are due
  /// To each of the nearest; sooner while few came through.
  time train_every = std::chrono::seconds(300);
  /// A member whose other traffic shows round trips this often is probed no oftener.
  time traffic_every = std::chrono::seconds(10);
  coordinate_settings coordinates;
};

/// What is known of the way to one member, there and back.
struct measured_link {
  contact peer;
  std::uint32_t echoes = 0;                ///< to probes
  std::uint32_t seen = 0;                  ///< round trips of other traffic
  node_clock::duration round_trip{};       ///< smoothed as TCP does (RFC 6298)
  node_clock::duration least{};            ///< of the newest round trips
  node_clock::duration jitter{};           ///< mean distance from the smoothed round trip
  double loss = 0;                         ///< share of the newest probes, from 0 to 1
  node_time measured{};                    ///< when the newest one ended
  network_place place;                     ///< the peer's own word
  std::optional<link_bandwidth> bandwidth; ///< towards the peer

  bool is_measured() const {
    return echoes + seen > 0;
  }
};

struct prober_output {
  struct sending {
    contact to;
    proximity_message message;
  };
  struct train {
    contact to;
    std::vector<proximity_message> datagrams; ///< to leave one right after the other
  };
  std::vector<sending> sends;
  std::vector<train> trains;
  std::vector<std::string_view> refused; ///< why a message was dropped

  void clear() {
    sends.clear();
    trains.clear();
    refused.clear();
  }
};

class prober {
 public:
  /// settings must outlive it.
  prober(const prober_settings& settings, random_source random, node_time now);

  /// A member, or one that moved.
  void add(const contact& peer);
  void remove(const node_id& peer);

  /// arrived: when the message came, which may be a little before now.
  void receive(const contact& from, const proximity_message& message, node_time arrived,
               prober_output& out);
  void tick(node_time now, prober_output& out);
  node_time next_tick() const;
  /// What traffic with a member showed that was not for measuring; such members are probed less.
  /// What cannot be, and what is of nobody that is a member, is ignored.
  void saw(const node_id& peer, node_clock::duration round_trip, node_time now);
  /// How long the train that was for this peer took to leave.
  void left(const node_id& peer, node_clock::duration took);

  const network_place& place() const {
    return place_;
  }
  /// In the order in which they came.
  std::vector<measured_link> links() const;

 private:
  static constexpr double loss_weight = 1.0 / 16; ///< of a probe

  struct row {
    measured_link link;
    std::vector<node_clock::duration> newest; ///< round trips, a few
    std::uint32_t number = 0;                 ///< of the probe under way
    std::optional<node_time> sent;            ///< while it is under way
    std::optional<node_time> probed;          ///< when the last one was sent
    std::optional<node_time> seen;            ///< the last round trip of other traffic
    bool is_near = false;
    bandwidth_record bandwidth;
    train_collector coming;
    contact comes_from; ///< where that was sent from, which may be a router
  };

  void find_nearest();
  row* overdue_near(node_time now);
  bool rests(const row& r, node_time now) const;
  row* next_in_turn(node_time now);
  void probe(row& next, node_time now, prober_output& out);
  node_time next_train(const row& to) const;
  row* due_for_train(node_time now);
  void send_train(row& to, node_time now, prober_output& out);
  row* find(const node_id& id);
  void on(row& from, const contact& at, const proximity_probe& m, node_time arrived,
          prober_output& out);
  void on(row& from, const contact& at, const proximity_echo& m, node_time arrived,
          prober_output& out);
  void on(row& from, const contact& at, const proximity_train& m, node_time arrived,
          prober_output& out);
  void on(row& from, const contact& at, const proximity_train_report& m, node_time arrived,
          prober_output& out);
  static void report(row& to, prober_output& out);
  void measured(row& r, node_clock::duration round_trip, node_time arrived);

  const prober_settings* settings_;
  random_source random_;
  network_place place_;
  std::vector<row> rows_;
  std::size_t next_row_ = 0;
  node_time next_probe_, find_nearest_at_;
  node_time next_report_ = no_time; ///< of a train that is coming
  double saved_ = 0;                ///< bytes of the budget, for a train
};

/// Between two probes, so that they stay within the budget.
node_clock::duration pause_of(const prober_settings& settings);

} // namespace dci
