// Members on one table: datagrams wait until they are delivered.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "actors/membership/swim.hpp"
#include "actors/packed_size.hpp"

namespace dci {

inline node_id member_id(std::uint8_t first) {
  node_id id;
  id.bytes[0] = first;
  return id;
}

/// Signatures that say who signed what; a wrong one holds nothing.
class test_seal : public member_seal {
 public:
  void sign(presence& p) const override {
    p.signed_by_node = signature_of(p);
  }
  void sign(suspicion& s) const override {
    s.signed_by_accuser = signature_of(s);
  }
  bool holds(const presence& p) const override {
    return p.signed_by_node == signature_of(p);
  }
  bool holds(const suspicion& s) const override {
    return s.signed_by_accuser == signature_of(s);
  }

 private:
  static key_signature signature_of(const presence& p) {
    key_signature out{};
    out[0] = p.node.id.bytes[0];
    out[1] = static_cast<std::uint8_t>(p.incarnation);
    out[2] = p.leaves;
    out[3] = 1;
    return out;
  }
  static key_signature signature_of(const suspicion& s) {
    key_signature out{};
    out[0] = s.accuser.bytes[0];
    out[1] = static_cast<std::uint8_t>(s.incarnation);
    out[2] = s.suspect.bytes[0];
    out[3] = 2;
    return out;
  }
};

class membership_wires {
 public:
  struct frame {
    contact from, to;
    membership_message message;
  };
  struct happening {
    std::uint8_t where = 0;
    member_change change{};
    std::uint8_t whom = 0;
  };

  membership_settings settings;
  test_seal seal;
  node_time now{};
  std::map<std::uint8_t, std::unique_ptr<swim>> nodes;
  std::deque<frame> frames;
  std::vector<happening> happenings;
  std::vector<std::string_view> refused;
  struct answer {
    std::uint8_t where = 0, whom = 0;
    node_clock::duration after{};
  };
  std::vector<answer> answers;
  std::function<bool(const frame&)> lost = [](const frame&) { return false; };

  static contact where(std::uint8_t first) {
    contact out{member_id(first), {}};
    out.where.port = first;
    return out;
  }
  swim& add(std::uint8_t first) {
    auto& node = nodes[first] =
        std::make_unique<swim>(where(first), settings, seal, random_source(first), now);
    return *node;
  }
  swim& join(std::uint8_t first, std::uint8_t seed) {
    auto& node = add(first);
    node.join(where(seed), now, out_);
    take(first);
    return node;
  }
  swim& try_join(std::uint8_t first, std::uint8_t seed) {
    auto& node = add(first);
    node.try_join(where(seed), now, out_);
    take(first);
    return node;
  }
  swim& at(std::uint8_t first) {
    return *nodes.at(first);
  }
  void leave(std::uint8_t first) {
    at(first).leave(out_);
    take(first);
  }
  void say(const contact& from, std::uint8_t to, membership_message message) {
    at(to).receive(from, message, now, out_);
    take(to);
  }
  /// Signed by the accuser.
  suspicion accusation(std::uint8_t suspect, std::uint8_t accuser, std::uint32_t incarnation = 0) {
    suspicion s{member_id(suspect), incarnation, member_id(accuser), {}, {}};
    seal.sign(s);
    return s;
  }
  bool knows(std::uint8_t who, std::uint8_t whom) {
    return at(who).members().find(member_id(whom)).has_value();
  }
  std::size_t count(member_change change, std::uint8_t whom) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        happenings, [&](const happening& h) { return h.change == change && h.whom == whom; }));
  }

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
  /// Datagrams take no time, timers do.
  void run(std::chrono::milliseconds time) {
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
      frames.push_back({at(first).self().node, to, std::move(message)});
    for (const auto& e : out_.events)
      happenings.push_back({first, e.change, e.node.id.bytes[0]});
    for (const auto& a : out_.answers)
      answers.push_back({first, a.node.id.bytes[0], now - a.asked});
    refused.insert(refused.end(), out_.refused.begin(), out_.refused.end());
    out_.clear();
  }

  membership_output out_;
};

} // namespace dci
