// Nodes that measure and tell one another, on a network that changes.
#pragma once

#include <array>
#include <optional>
#include <unordered_map>

#include "runtime/sim/changing_network.hpp"
#include "runtime/sim/node_stack.hpp"
#include "runtime/sim/world.hpp"

namespace dci {

class gossip_world : public sim_world<node_stack, stack_message, stack_output> {
 public:
  gossip_world(changing_network& network, const stack_settings& settings, random_source source);

  /// A new node, which knows nobody.
  void add();
  /// All take one another for members.
  void introduce();
  /// This one finds the others through the first.
  void join(std::uint32_t index);
  /// Lets time pass, and the network change.
  void run_on(node_clock::duration time);

  /// Ordered pairs of nodes of which one has no report of the other.
  std::uint64_t unknown() const;

  struct ages {
    double sum_s = 0, max_s = 0;
    std::uint64_t known = 0;
  };
  void look(ages& out) const;

  /// Draws a node, a report that it knows and a link in it. Nothing where that says nothing.
  struct sample {
    double link_error = 0, own_link_error = 0; ///< relative, against the network as it is
    double guess_error = 0;                    ///< of the two nodes by their coordinates
    std::size_t links = 0;
    std::size_t report_bytes = 0;
  };
  std::optional<sample> look_at_any(random_source& random) const;

  /// Sent and received, as the kinds follow one another in stack_message.
  struct traffic {
    std::uint64_t sent = 0, received = 0;
  };
  const std::array<traffic, 3>& traffic_of_kinds() const {
    return traffic_;
  }

 private:
  void take(std::uint32_t, stack_output&) override {
  }
  void count(const stack_message& message, std::uint64_t bytes, bool arrives) override;
  const node_report* known(std::uint32_t by, std::uint32_t of) const;
  double round_trip_ms(std::uint32_t a, std::uint32_t b) const;

  changing_network& network_;
  const stack_settings* settings_;
  std::unordered_map<node_mark, std::uint32_t> index_of_mark_;
  std::array<traffic, 3> traffic_{};
};

} // namespace dci
