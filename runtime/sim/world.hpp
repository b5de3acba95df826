// Many state machines of one kind on a simulated network.
//
// Machine has receive(contact, Message, time, Output&), tick(time, Output&) and next_tick(), and
// says in Output::sends which messages go to whom.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "actors/packed_size.hpp"
#include "net/datagram/datagram.hpp"
#include "net/shaping/shaper.hpp"
#include "runtime/base/random.hpp"
#include "runtime/sim/addresses.hpp"
#include "runtime/sim/event_queue.hpp"
#include "runtime/sim/network.hpp"

namespace dci {

template <class Machine, class Message, class Output>
class sim_world {
 public:
  /// Each frame's bytes beside its message: the headers of IPv4 and UDP, and a datagram's own.
  static constexpr std::uint32_t frame_bytes = 28 + datagram_overhead;

  sim_world(const sim_network& network, random_source random)
      : network_(&network), random_(random) {
  }
  virtual ~sim_world() = default;
  sim_world(const sim_world&) = delete;
  sim_world& operator=(const sim_world&) = delete;

  node_time now() const {
    return now_;
  }
  std::uint32_t size() const {
    return static_cast<std::uint32_t>(nodes_.size());
  }
  bool is_alive(std::uint32_t index) const {
    return nodes_[index].machine != nullptr;
  }
  /// Of a node that is alive.
  const Machine& node(std::uint32_t index) const {
    return *nodes_[index].machine;
  }
  std::uint32_t place_of(std::uint32_t index) const {
    return nodes_[index].place;
  }
  std::uint64_t events() const {
    return events_;
  }
  /// Of all frames sent, headers included.
  std::uint64_t bytes() const {
    return bytes_;
  }

  /// It says nothing from now on.
  virtual void kill(std::uint32_t index) {
    nodes_[index].machine.reset();
  }

  /// Lets everything happen that happens before this.
  void run_until(node_time end) {
    while (!queue_.empty() && queue_.next_time() < end) {
      auto [at, e] = queue_.pop();
      now_ = at;
      ++events_;
      auto& node = nodes_[e.to];
      if (!node.machine)
        continue;
      if (e.is_tick) {
        if (node.ticks_at != at)
          continue; // it ticked for something earlier
        node.ticks_at = no_time;
        node.machine->tick(now_, output_);
      } else {
        node.machine->receive(contact{nodes_[e.from].id, address_of(e.from)}, e.message, now_,
                              output_);
      }
      apply(e.to);
    }
    now_ = end;
  }

 protected:
  /// What else came out; it is cleared after.
  virtual void take(std::uint32_t index, Output& output) = 0;
  /// A frame was sent. arrives: whether it is not lost on the way.
  virtual void count(const Message&, std::uint64_t bytes, bool arrives) {
    static_cast<void>(bytes);
    static_cast<void>(arrives);
  }

  std::uint32_t place(const node_id& id, std::unique_ptr<Machine> machine, std::uint32_t where) {
    std::uint64_t luck = 0;
    for (std::size_t i = 0; i < 8; ++i)
      luck = luck << 8 | id.bytes[i];
    nodes_.push_back({id, std::move(machine), shaper(random_source(luck)), where});
    return size() - 1;
  }
  Machine& machine(std::uint32_t index) {
    return *nodes_[index].machine;
  }
  Output& output() {
    return output_;
  }
  random_source& random() {
    return random_;
  }
  /// Sends what the machine wants sent.
  void apply(std::uint32_t index) {
    auto& node = nodes_[index];
    for (auto& [to, message] : output_.sends) {
      const auto bytes = frame_bytes + packed_size(message);
      bytes_ += bytes;
      const shaper::clock::time_point leaves(now_.time_since_epoch());
      const auto comes = node.line.datagram(network_->conditions(), leaves, bytes);
      count(message, bytes, comes.has_value());
      if (!comes)
        continue;
      const auto shaped = std::chrono::duration_cast<node_clock::duration>(*comes - leaves);
      const auto target = index_of(to.where);
      if (target < nodes_.size())
        queue_.add(now_ + shaped + network_->one_way(node.place, nodes_[target].place),
                   {target, index, false, std::move(message)});
    }
    take(index, output_);
    output_.clear();
    const auto next = node.machine->next_tick();
    if (next < node.ticks_at) {
      node.ticks_at = next;
      queue_.add(next, {index, index, true, {}});
    }
  }

 private:
  struct sim_node {
    node_id id;
    std::unique_ptr<Machine> machine; ///< nullptr: dead
    shaper line;                      ///< that all it sends goes out by
    std::uint32_t place = 0;
    node_time ticks_at = no_time;
  };
  // A frame that arrives, or a node's time to tick.
  struct event {
    std::uint32_t to = 0, from = 0;
    bool is_tick = false;
    Message message;
  };

  const sim_network* network_;
  random_source random_;
  node_time now_{};
  event_queue<event> queue_;
  std::vector<sim_node> nodes_;
  Output output_;
  std::uint64_t events_ = 0, bytes_ = 0;
};

} // namespace dci
