// Overlay nodes on one table: frames wait until they are delivered, one at a time or all.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "actors/overlay/overlay_node.hpp"

namespace dci {

inline node_id test_id(std::uint8_t first) {
  node_id id;
  id.bytes[0] = first;
  return id;
}

inline std::uint8_t first_successor(const chord& node) {
  return node.known().all().empty() ? std::uint8_t{0} : node.known().all().front().node.id.bytes[0];
}

/// Signatures that say who signed what; a wrong one holds nothing.
class test_record_seal : public record_seal {
 public:
  void sign(overlay_record& r) const override {
    r.signed_by_publisher = signature_of(r);
  }
  void sign(record_redirect& r) const override {
    r.signed_by_issuer = signature_of(r);
  }
  bool holds(const overlay_record& r) const override {
    return r.signed_by_publisher == signature_of(r);
  }
  bool holds(const record_redirect& r) const override {
    return r.signed_by_issuer == signature_of(r);
  }

 private:
  static key_signature signature_of(const overlay_record& r) {
    key_signature out{};
    out[0] = r.publisher.bytes[0];
    out[1] = r.name.bytes[0];
    out[2] = static_cast<std::uint8_t>(r.version);
    out[3] = r.value.empty() ? std::uint8_t{0} : r.value.front();
    out[4] = 1;
    return out;
  }
  static key_signature signature_of(const record_redirect& r) {
    key_signature out{};
    out[0] = r.issuer.bytes[0];
    out[1] = r.holder.id.bytes[0];
    out[4] = 2;
    return out;
  }
};

class overlay_wires {
 public:
  struct frame {
    contact from, to;
    overlay_message message;
  };

  overlay_settings settings;
  record_settings records;
  test_record_seal seal;
  /// Seconds since 1970 when the test begins.
  static constexpr std::uint64_t birthday = 1'800'000'000;
  record_world world{&seal, [](const contact&, const contact&) { return 0.5; },
                     [](node_time t) {
                       return birthday + static_cast<std::uint64_t>(t.time_since_epoch() /
                                                                    std::chrono::seconds(1));
                     }};
  score_function score = [](const contact&, node_clock::duration round_trip) {
    return 1e3 / (1e3 + static_cast<double>(round_trip.count()));
  };
  node_time now{};
  std::map<std::uint8_t, std::unique_ptr<overlay_node>> nodes;
  std::deque<frame> frames;
  std::vector<lookup_result> results;
  std::vector<record_result> record_results;
  std::vector<std::string_view> refused;
  /// Frames that are lost.
  std::function<bool(const frame&)> lost = [](const frame&) { return false; };

  static contact where(std::uint8_t first) {
    contact out{test_id(first), {}};
    out.where.port = first;
    return out;
  }
  void add(std::uint8_t first) {
    nodes[first] = std::make_unique<overlay_node>(where(first), settings, score, records, world,
                                                  random_source(first + 1));
  }
  void join(std::uint8_t first, std::uint8_t seed) {
    add(first);
    nodes.at(first)->join(where(seed), now, out_);
    take(first);
  }
  void meet(std::uint8_t first, std::uint8_t other) {
    nodes.at(first)->meet(where(other), now, out_);
    take(first);
  }
  /// One after the other, until all know their neighbours.
  void settle(std::initializer_list<std::uint8_t> firsts) {
    for (const auto first : firsts) {
      if (nodes.empty())
        add(first);
      else
        join(first, nodes.begin()->first);
      run(std::chrono::seconds(20));
    }
    run(std::chrono::seconds(60));
  }
  const chord& at(std::uint8_t first) const {
    return nodes.at(first)->ring();
  }
  const record_keeper& keeper(std::uint8_t first) const {
    return nodes.at(first)->keeper();
  }
  void look_up(std::uint8_t from, const node_id& key) {
    nodes.at(from)->look_up(key, now, out_);
    take(from);
  }
  void publish(std::uint8_t from, std::uint8_t name, std::vector<std::uint8_t> value) {
    nodes.at(from)->publish(test_id(name), std::move(value), now, out_);
    take(from);
  }
  void read(std::uint8_t from, std::uint8_t name) {
    nodes.at(from)->read(test_id(name), now, out_);
    take(from);
  }
  void leave(std::uint8_t first) {
    nodes.at(first)->leave(out_);
    take(first);
  }
  /// As if `from` had sent it.
  void say(const contact& from, std::uint8_t to, overlay_message message) {
    nodes.at(to)->receive(from, message, now, out_);
    take(to);
  }
  void kill(std::uint8_t first) {
    nodes.erase(first);
  }

  /// Delivers what is under way, and what that brings about.
  void deliver() {
    while (!frames.empty()) {
      const auto f = std::move(frames.front());
      frames.pop_front();
      const auto to = nodes.find(f.to.id.bytes[0]);
      if (to == nodes.end() || lost(f))
        continue;
      to->second->receive(f.from, f.message, now, out_);
      take(to->first);
    }
  }
  /// Frames take no time, timers do.
  void run(node_clock::duration time) {
    deliver();
    const auto end = now + time;
    while (true) {
      auto next = no_time;
      for (const auto& [first, node] : nodes)
        next = std::min(next, node->next_tick());
      if (next > end)
        break;
      now = std::max(now, next);
      for (const auto& [first, node] : nodes)
        if (node->next_tick() <= now) {
          node->tick(now, out_);
          take(first);
        }
      deliver();
    }
    now = end;
  }

 private:
  void take(std::uint8_t first) {
    for (auto& [to, message] : out_.sends)
      frames.push_back({where(first), to, std::move(message)});
    for (auto& one : out_.results)
      results.push_back(std::move(one));
    for (auto& one : out_.records)
      record_results.push_back(std::move(one));
    refused.insert(refused.end(), out_.refused.begin(), out_.refused.end());
    out_.clear();
  }

  overlay_output out_;
};

} // namespace dci
