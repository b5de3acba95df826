// A node of the overlay as others see it: its place on the ring and its share of the records.
#pragma once

#include "actors/overlay/record_client.hpp"

namespace dci {

class overlay_node {
 public:
  /// All that is given by reference must outlive it.
  overlay_node(const contact& self, const overlay_settings& settings, const score_function& score,
               const record_settings& records, const record_world& world, random_source random);

  const chord& ring() const {
    return ring_;
  }
  const record_keeper& keeper() const {
    return keeper_;
  }

  void join(const contact& seed, node_time now, overlay_output& out);
  void meet(const contact& node, node_time now, overlay_output& out) {
    ring_.meet(node, now, out);
  }
  /// Hands on what this node keeps, and says good-bye.
  void leave(overlay_output& out);
  /// These three: the result comes out later, under the number returned.
  std::uint64_t look_up(const node_id& key, node_time now, overlay_output& out);
  std::uint64_t publish(const node_id& name, std::vector<std::uint8_t> value, node_time now,
                        overlay_output& out);
  std::uint64_t read(const node_id& name, node_time now, overlay_output& out);
  void withdraw(const node_id& name) {
    client_.withdraw(name);
  }

  void receive(const contact& from, const overlay_message& message, node_time now,
               overlay_output& out);
  void tick(node_time now, overlay_output& out);
  node_time next_tick() const;

 private:
  void settle(node_time now, overlay_output& out);
  bool has_moved() const;

  const record_settings* settings_;
  chord ring_;
  record_keeper keeper_;
  record_client client_;
};

} // namespace dci
