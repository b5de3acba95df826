// What a node runs on its link: prober and gossip, and membership where it must find the others;
// they hear of one another as their actors do.
#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "actors/gossip/report_store.hpp"
#include "actors/membership/swim.hpp"
#include "actors/packed_size.hpp"
#include "actors/proximity_prober/prober.hpp"

namespace dci {

/// A datagram's payload; its channel says of which kind.
struct stack_message {
  std::variant<membership_message, proximity_message, gossip_message> is;

  friend std::size_t packed_size(const stack_message& m) {
    return std::visit([](const auto& payload) { return packed_size(payload); }, m.is);
  }
};

struct stack_output {
  struct sending {
    contact to;
    stack_message message;
  };
  std::vector<sending> sends;

  void clear() {
    sends.clear();
  }
};

struct stack_settings {
  membership_settings members;
  prober_settings probes;
  gossip_settings reports;
};

class node_stack {
 public:
  /// device: what the node's reports say of it. settings must outlive it.
  node_stack(const contact& self, const stack_settings& settings, const device_figures& device,
             random_source random, node_time now);
  node_stack(const node_stack&) = delete;
  node_stack& operator=(const node_stack&) = delete;

  /// Takes it for a member for good.
  void know(const contact& other);
  /// From now on membership says who is there.
  void join(const contact& seed, node_time now, stack_output& out);
  void receive(const contact& from, const stack_message& message, node_time now, stack_output& out);
  void tick(node_time now, stack_output& out);
  node_time next_tick() const;

  const contact& self() const {
    return reports_.self();
  }
  const prober& measured() const {
    return prober_;
  }
  const report_store& reports() const {
    return reports_;
  }
  /// How old what the node's own reports said was, by version, from 1 on.
  struct made_report {
    node_time made{}, oldest{}; ///< its oldest value was measured
  };
  const std::vector<made_report>& made() const {
    return made_;
  }

 private:
  node_report make_report(std::uint32_t version, node_time now);
  void flush(stack_output& out);

  const stack_settings* settings_;
  device_figures device_;
  random_source random_;
  std::optional<swim> members_; ///< once it joins
  prober prober_;
  std::vector<made_report> made_;
  report_maker maker_;
  report_check check_;
  report_store reports_;
  membership_output members_out_;
  prober_output prober_out_;
  gossip_output reports_out_;
};

} // namespace dci
