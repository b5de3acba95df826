// Everybody's newest report, and how it comes to everybody: what is new is offered to a few
// peers by name, who ask for what they lack, so each report crosses each link at most once; what is
// overdue is asked for. A pure state machine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/gossip/messages.hpp"
#include "actors/gossip/settings.hpp"
#include "runtime/base/node_clock.hpp"
#include "runtime/base/random.hpp"

namespace dci {

struct gossip_output {
  struct sending {
    contact to;
    gossip_message message;
  };
  std::vector<sending> sends;
  std::vector<report_ptr> news;          ///< reports that replaced older ones
  std::vector<std::string_view> refused; ///< why something was dropped

  void clear() {
    sends.clear();
    news.clear();
    refused.clear();
  }
};

/// A report is one datagram, and a name may not eat the room of its links: longer ones are refused.
inline constexpr std::size_t most_host_bytes = 64;
/// Where a node says that its host is dialled: nowhere if that is too long to be told.
std::string reported_host(const std::string& address);

/// Makes the node's next report, signed. version: what it must carry.
using report_maker = std::function<node_report(std::uint32_t version, node_time now)>;
/// Whether its node signed it.
using report_check = std::function<bool(const node_report&)>;

class report_store {
 public:
  /// settings, maker and check must outlive it. first_version: above all that the node's earlier
  /// reports had.
  report_store(const contact& self, const gossip_settings& settings, const report_maker& maker,
               const report_check& check, random_source random, node_time now,
               std::uint32_t first_version = 1);

  /// Whom reports are exchanged with; those of others are not taken.
  void add_peer(const contact& peer);
  void remove_peer(const node_id& peer);

  struct entry {
    report_ptr report;
    node_time made{}; ///< by our own time
  };
  const contact& self() const {
    return self_;
  }
  /// In the order of their ids.
  std::vector<contact> peers() const;
  /// nullptr where nothing is known.
  const entry* find(const node_id& node) const;

  void receive(const contact& from, const gossip_message& message, node_time now,
               gossip_output& out);
  void tick(node_time now, gossip_output& out);
  node_time next_tick() const {
    return std::min(next_offer_, next_report_);
  }
  /// When the node's own report is to be made.
  node_time next_report() const {
    return next_report_;
  }

 private:
  static constexpr std::uint32_t most_age_ms = 24 * 3600 * 1000;

  struct peer {
    contact node;
    entry newest;
    node_time asked{}; ///< for a newer one
    bool was_asked = false;
    std::uint32_t asked_version = 0;
    node_id asked_of;       ///< was_asked still: it has not answered
    bool is_fresh = false;  ///< waits to be offered
    node_time paced_from{}; ///< what its reports so far entitle it to
  };

  void on(const contact& from, const reports_offer& m, node_time now, gossip_output& out);
  void on(const contact& from, const reports_request& m, node_time now, gossip_output& out);
  void on(const contact& from, const reports& m, node_time now, gossip_output& out);
  void take(const aged_report& item, node_time now, gossip_output& out);
  peer* member(const node_id& id);
  bool is_awaited(const peer& p, const node_id& of, std::uint32_t version, node_time now) const;
  void note_asked(peer& p, const node_id& of, std::uint32_t version, node_time now);
  bool comes_too_fast(const peer& p, node_time now) const;
  void make_report(node_time now);
  node_clock::duration report_interval() const;
  void offer(gossip_output& out);
  void ask_overdue(node_time now, gossip_output& out);
  contact any_peer();

  contact self_;
  const gossip_settings* settings_;
  const report_maker* maker_;
  const report_check* check_;
  random_source random_;
  std::uint32_t next_version_;
  entry own_;
  std::unordered_map<node_mark, peer> peers_;
  std::vector<node_mark> order_; ///< of the peers, to draw from
  std::vector<node_mark> fresh_; ///< to be offered
  node_time next_offer_, next_report_;
};

} // namespace dci
