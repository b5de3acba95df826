// Overlay nodes on one table: frames wait until they are delivered, one at a time or all.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "actors/overlay/chord.hpp"

namespace dci {

inline node_id test_id(std::uint8_t first) {
  node_id id;
  id.bytes[0] = first;
  return id;
}

inline std::uint8_t first_successor(const chord& node) {
  return node.known().all().empty() ? std::uint8_t{0} : node.known().all().front().node.id.bytes[0];
}

class overlay_wires {
 public:
  struct frame {
    contact from, to;
    overlay_message message;
  };

  overlay_settings settings;
  score_function score = [](const contact&, node_clock::duration round_trip) {
    return 1e3 / (1e3 + static_cast<double>(round_trip.count()));
  };
  node_time now{};
  std::map<node_id, std::unique_ptr<chord>> nodes;
  std::deque<frame> frames;
  std::vector<lookup_result> results;
  std::vector<std::string_view> refused;
  /// Frames that are lost.
  std::function<bool(const frame&)> lost = [](const frame&) { return false; };

  chord& add(std::uint8_t first) {
    contact self{test_id(first), {}};
    self.where.port = first;
    auto& node = nodes[self.id] =
        std::make_unique<chord>(self, settings, score, random_source(first + 1));
    return *node;
  }
  chord& join(std::uint8_t first, chord& seed) {
    auto& node = add(first);
    node.join(seed.self(), now, out_);
    take(node);
    return node;
  }
  /// One after the other, until all know their neighbours.
  void settle(std::initializer_list<std::uint8_t> firsts) {
    chord* seed = nullptr;
    for (const auto first : firsts) {
      auto& node = seed == nullptr ? add(first) : join(first, *seed);
      seed = &node;
      run(std::chrono::seconds(20));
    }
    run(std::chrono::seconds(60));
  }
  chord& at(std::uint8_t first) {
    return *nodes.at(test_id(first));
  }
  void look_up(chord& from, const node_id& key) {
    from.look_up(key, now, out_);
    take(from);
  }
  void leave(chord& node) {
    node.leave(out_);
    take(node);
  }
  /// As if `from` had sent it.
  void say(const contact& from, chord& to, overlay_message message) {
    to.receive(from, message, now, out_);
    take(to);
  }
  void kill(std::uint8_t first) {
    nodes.erase(test_id(first));
  }

  /// Delivers what is under way, and what that brings about.
  void deliver() {
    while (!frames.empty()) {
      const auto f = std::move(frames.front());
      frames.pop_front();
      const auto to = nodes.find(f.to.id);
      if (to == nodes.end() || lost(f))
        continue;
      to->second->receive(f.from, f.message, now, out_);
      take(*to->second);
    }
  }
  /// Frames take no time, timers do.
  void run(std::chrono::seconds time) {
    deliver();
    const auto end = now + time;
    while (true) {
      auto next = no_time;
      for (const auto& [id, node] : nodes)
        next = std::min(next, node->next_tick());
      if (next > end)
        break;
      now = std::max(now, next);
      for (const auto& [id, node] : nodes)
        if (node->next_tick() <= now) {
          node->tick(now, out_);
          take(*node);
        }
      deliver();
    }
    now = end;
  }

 private:
  void take(chord& node) {
    for (auto& [to, message] : out_.sends)
      frames.push_back({node.self(), to, std::move(message)});
    for (auto& one : out_.results)
      results.push_back(std::move(one));
    refused.insert(refused.end(), out_.refused.begin(), out_.refused.end());
    out_.clear();
  }

  overlay_output out_;
};

} // namespace dci
