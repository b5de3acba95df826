// Revocation lists on their way to everybody; here a list is bytes that begin with its number.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include "actors/gossip/revocation_exchange.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

contact who(std::uint8_t first) {
  contact out{};
  out.id.bytes[0] = first;
  return out;
}

byte_vector list_of(std::uint8_t number, std::size_t size) {
  byte_vector out(size, 7);
  out[0] = number;
  return out;
}

struct network {
  struct node {
    held_revocations has{who(200).id, 0, nullptr};
    std::unique_ptr<revocation_exchange> machine;
  };
  struct frame {
    contact from, to;
    revocation_message message;
  };
  revocation_settings settings;
  node_time now{};
  std::map<std::uint8_t, node> nodes;
  std::deque<frame> frames;
  std::vector<std::string_view> refused;
  std::size_t pieces = 0;
  std::function<bool(const frame&)> lost = [](const frame&) { return false; };

  explicit network(std::uint8_t count) {
    for (std::uint8_t i = 1; i <= count; ++i) {
      auto& one = nodes[i];
      one.machine = std::make_unique<revocation_exchange>(
          settings, [&one] { return std::vector{one.has}; },
          [&one](const byte_vector& der) {
            if (der[0] > 100) // not signed by its root
              return false;
            if (der[0] <= one.has.number) // an older one is as good
              return true;
            one.has.number = der[0];
            one.has.der = std::make_shared<const byte_vector>(der);
            return true;
          },
          random_source(i), now);
    }
    for (auto& [id, one] : nodes)
      for (std::uint8_t other = 1; other <= count; ++other)
        if (other != id)
          one.machine->add_peer(who(other));
  }
  void give(std::uint8_t to, const byte_vector& list) {
    nodes.at(to).has.number = list[0];
    nodes.at(to).has.der = std::make_shared<const byte_vector>(list);
  }
  void take(std::uint8_t from, revocation_output& out) {
    for (auto& [to, message] : out.sends)
      frames.push_back({who(from), to, std::move(message)});
    refused.insert(refused.end(), out.refused.begin(), out.refused.end());
    out.clear();
  }
  void say(const contact& from, std::uint8_t to, const revocation_message& message) {
    revocation_output out;
    nodes.at(to).machine->receive(from, message, now, out);
    take(to, out);
  }
  void run(std::chrono::milliseconds time) {
    revocation_output out;
    for (const auto end = now + time; now < end; now += 50ms)
      for (auto& [id, one] : nodes) {
        if (one.machine->next_tick() <= now)
          one.machine->tick(now, out);
        take(id, out);
        while (!frames.empty()) {
          const auto f = std::move(frames.front());
          frames.pop_front();
          pieces += std::holds_alternative<list_piece>(f.message) ? 1 : 0;
          if (!lost(f))
            say(f.from, f.to.id.bytes[0], f.message);
        }
      }
  }
  bool all_have(std::uint8_t number, std::size_t size) const {
    return std::ranges::all_of(nodes, [&](const auto& one) {
      return one.second.has.number == number && one.second.has.der->size() == size;
    });
  }
};

} // namespace

TEST_CASE("a list comes to everybody within seconds, each piece once") {
  network n(12);
  n.give(1, list_of(1, 3500));
  n.run(5s);
  CHECK(n.all_have(1, 3500));
  CHECK(n.pieces == 11 * 4);
  CHECK(n.refused.empty());
  n.give(5, list_of(2, 10));
  n.run(5s);
  CHECK(n.all_have(2, 10));
}

TEST_CASE("what is lost is asked for again, and of somebody else where one is gone") {
  network n(6);
  random_source random(3);
  n.lost = [&](const auto&) { return random.chance(0.3); };
  n.give(1, list_of(1, 20'000));
  n.run(60s);
  CHECK(n.all_have(1, 20'000));
}

TEST_CASE("nobody keeps a list that its authority has not signed, nor asks for another's") {
  network n(3);
  n.give(1, list_of(150, 10));
  n.run(1s);
  CHECK(n.nodes.at(2).has.number == 0);
  CHECK(std::ranges::count(n.refused, "a revocation list that no trusted authority has signed") >
        0);
  n.nodes.at(1).has.der = nullptr;
  n.frames.clear();
  n.say(who(2), 1, lists_offer{{{who(77).id, 5}}});
  CHECK(n.frames.empty());
}

TEST_CASE("pieces that nobody asked for, or that cannot be, are refused by name") {
  network n(3);
  const list_name name{who(200).id, 4};
  const auto refuses = [&](const contact& from, const revocation_message& message,
                           std::string_view why) {
    n.refused.clear();
    n.say(from, 1, message);
    REQUIRE(n.refused.size() == 1);
    CHECK(n.refused[0] == why);
  };
  refuses(who(2), list_piece{name, 0, 10, byte_vector(10, 1)},
          "a piece of a revocation list that nobody asked for");
  refuses(who(99), lists_offer{{name}}, "revocations of a node that is no member");
  const auto asked = [&] {
    n.now += n.settings.ignore_for;
    revocation_output out;
    n.nodes.at(1).machine->tick(n.now, out);
    n.say(who(2), 1, lists_offer{{name}});
  };
  asked();
  refuses(who(3), list_piece{name, 0, 10, byte_vector(10, 1)},
          "a piece of a revocation list that nobody asked for");
  refuses(who(2), list_piece{name, 0, 2'000'000, byte_vector(10, 1)},
          "a piece of a revocation list that cannot be");
  asked();
  refuses(who(2), list_piece{name, 0, 5, byte_vector(10, 1)},
          "a piece of a revocation list that cannot be");
  asked();
  refuses(who(2), list_piece{name, 0, 5, {}}, "a piece of a revocation list that cannot be");
  asked();
  refuses(who(2), list_piece{name, 0, 5000, byte_vector(1, 1)},
          "a piece of a revocation list that cannot be");
  asked();
  n.say(who(2), 1, list_piece{name, 0, 5000, byte_vector(1000, 1)});
  refuses(who(2), list_piece{name, 1000, 6000, byte_vector(1000, 1)},
          "a piece of a revocation list that cannot be");
}

namespace {

// Node 2 is a liar who offers a list of which he gives as little as he may, as late as he may.
struct network_with_liar : network {
  std::uint64_t number = ~0ull;
  bool answers = true;
  std::map<std::uint8_t, list_request> waiting;

  network_with_liar() : network(4) {
    lost = [this](const frame& f) {
      if (f.to.id != who(2).id)
        return false;
      if (const auto* m = std::get_if<list_request>(&f.message))
        waiting[f.from.id.bytes[0]] = *m;
      return true;
    };
  }
  void offer() {
    for (const std::uint8_t to : {1, 3, 4})
      say(who(2), to, lists_offer{{{who(200).id, number}}});
  }
  void run_slowly(std::chrono::seconds time) {
    for (const auto end = now + time; now < end;) {
      run(400ms);
      for (const auto& [to, m] : std::exchange(waiting, {}))
        if (answers)
          say(who(2), to, list_piece{m.which, m.offset, 1'000'000, byte_vector(500, 1)});
    }
  }
};

} // namespace

TEST_CASE("who offers what he never gives whole holds up nobody else's list") {
  network_with_liar n;
  SUBCASE("by a number above all") {
  }
  SUBCASE("by the number that is true") {
    n.number = 1;
  }
  SUBCASE("by silence") {
    n.answers = false;
  }
  n.offer(); // before all others
  n.run(100ms);
  n.give(1, list_of(1, 3000));
  n.run_slowly(20s);
  CHECK(n.nodes.at(3).has.number == 1);
  CHECK(n.nodes.at(4).has.number == 1);
}

TEST_CASE("a list that is not whole in time is given up, and its peer not asked for a while") {
  network n(2);
  const list_name name{who(200).id, 9};
  n.say(who(2), 1, lists_offer{{name}});
  std::uint32_t pieces = 0;
  for (; n.refused.empty() && pieces < 1500; ++pieces) {
    n.now += 400ms; // just before it would be asked for again
    revocation_output out;
    n.nodes.at(1).machine->tick(n.now, out);
    n.say(who(2), 1, list_piece{name, pieces * 500, 1'000'000, byte_vector(500, 1)});
  }
  CHECK(pieces == n.settings.give_up_after / 400ms);
  n.frames.clear();
  n.say(who(2), 1, lists_offer{{name}});
  CHECK(n.frames.empty());
}

TEST_CASE("who only stopped answering is asked again before long") {
  network n(2);
  const auto is_asked_by_offer = [&] {
    n.frames.clear();
    n.say(who(2), 1, lists_offer{{{who(200).id, 9}}});
    return !n.frames.empty();
  };
  CHECK(is_asked_by_offer());
  n.lost = [](const auto&) { return true; };
  n.run(4s);
  CHECK(!is_asked_by_offer());
  n.run(10s);
  CHECK(is_asked_by_offer());
}

TEST_CASE("an older list under a false number is a lie") {
  network n(2);
  n.give(1, list_of(5, 10));
  n.say(who(2), 1, lists_offer{{{who(200).id, 9}}});
  n.frames.clear();
  n.say(who(2), 1, list_piece{{who(200).id, 9}, 0, 10, list_of(4, 10)});
  CHECK(n.refused ==
        std::vector<std::string_view>{"a revocation list is older than it was offered as"});
  n.say(who(2), 1, lists_offer{{{who(200).id, 9}}});
  CHECK(n.frames.empty());
}
