#include <doctest/doctest.h>

#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <memory>

#include "actors/gossip/report_store.hpp"
#include "actors/packed_size.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

contact who(std::uint8_t first) {
  contact out{};
  out.id.bytes[0] = first;
  out.where.port = first;
  return out;
}

// Nodes that know one another; datagrams wait until they are delivered.
struct network {
  gossip_settings settings;
  report_check check = [](const node_report& r) { return r.signed_by_node[0] == r.node.bytes[0]; };
  node_time now{};
  std::map<std::uint8_t, report_maker> makers;
  std::map<std::uint8_t, std::unique_ptr<report_store>> nodes;
  struct frame {
    contact from, to;
    gossip_message message;
  };
  std::deque<frame> frames;
  std::vector<std::string_view> refused;
  std::uint32_t reports_sent = 0;
  std::function<bool(const frame&)> lost = [](const frame&) { return false; };
  gossip_output out;

  explicit network(std::uint8_t count) {
    settings.least_report_every = settings.report_every;
    for (std::uint8_t i = 1; i <= count; ++i) {
      makers[i] = [i](std::uint32_t version, node_time) { return report(i, version); };
      nodes[i] =
          std::make_unique<report_store>(who(i), settings, makers[i], check, random_source(i), now);
    }
    for (auto& [first, node] : nodes)
      for (std::uint8_t i = 1; i <= count; ++i)
        node->add_peer(who(i));
  }
  static node_report report(std::uint8_t of, std::uint32_t version) {
    node_report r;
    r.node = who(of).id;
    r.version = version;
    r.nearest = {{7, 20, 100}};
    r.signed_by_node[0] = of;
    return r;
  }
  void take(std::uint8_t first) {
    for (auto& [to, message] : out.sends) {
      if (const auto* some = std::get_if<reports>(&message))
        reports_sent += static_cast<std::uint32_t>(some->items.size());
      frames.push_back({who(first), to, std::move(message)});
    }
    refused.insert(refused.end(), out.refused.begin(), out.refused.end());
    out.clear();
  }
  void say(std::uint8_t from, std::uint8_t to, gossip_message message) {
    nodes.at(to)->receive(who(from), message, now, out);
    take(to);
  }
  void tell(std::uint8_t to, node_report r, std::uint32_t age_ms = 0) {
    say(1, to, reports{{{std::make_shared<const node_report>(std::move(r)), age_ms}}});
  }
  void run(std::chrono::seconds time) {
    for (const auto end = now + time; now < end; now += 100ms)
      for (auto& [first, node] : nodes) {
        if (node->next_tick() <= now)
          node->tick(now, out);
        take(first);
        while (!frames.empty()) {
          const auto f = std::move(frames.front());
          frames.pop_front();
          if (lost(f) || !nodes.contains(f.to.id.bytes[0]))
            continue;
          nodes.at(f.to.id.bytes[0])->receive(f.from, f.message, now, out);
          take(f.to.id.bytes[0]);
        }
      }
  }
  std::uint32_t version(std::uint8_t at, std::uint8_t of) const {
    const auto* e = nodes.at(at)->find(who(of).id);
    return e == nullptr ? 0 : e->report->version;
  }
};

} // namespace

TEST_CASE("everybody comes to know everybody's report, and each is sent to each but once") {
  network n(20);
  n.run(130s);
  for (const auto& [first, node] : n.nodes)
    for (std::uint8_t of = 1; of <= 20; ++of)
      CHECK(n.version(first, of) >= 1);
  // Each made one or two.
  CHECK(n.reports_sent <= 2 * 20 * 19);
}

TEST_CASE("a small network reports more often, and from the version it was told") {
  network n(3);
  n.settings.least_report_every = 3s;
  n.nodes[1] = std::make_unique<report_store>(who(1), n.settings, n.makers[1], n.check,
                                              random_source(9), n.now, 700);
  n.nodes[1]->add_peer(who(2));
  n.run(200s); // the others begin as a large network does
  CHECK(n.version(2, 1) >= 700 + 190 / 3);
  CHECK(n.version(2, 1) <= 700 + 200 / 3 + 1);
}

TEST_CASE("what is lost is asked for again when it is overdue") {
  network n(6);
  n.run(130s);
  random_source random(1);
  n.lost = [&](const auto&) { return random.chance(0.3); };
  n.run(900s);
  for (const auto& [first, node] : n.nodes)
    for (std::uint8_t of = 1; of <= 6; ++of) {
      const auto* e = node->find(who(of).id);
      REQUIRE(e != nullptr);
      CHECK(n.now - e->made <= 180s);
    }
}

TEST_CASE("a report's age is that of its making, however many hands it went through") {
  network n(3);
  n.nodes.at(2)->remove_peer(who(1).id);
  n.nodes.at(2)->add_peer(who(1));
  n.tell(2, network::report(1, 1), 40'000);
  const auto* e = n.nodes.at(2)->find(who(1).id);
  REQUIRE(e != nullptr);
  CHECK(n.now - e->made == 40s);
  n.now += 10s;
  n.say(3, 2, reports_request{{{mark_of(who(1).id), 1}}});
  REQUIRE(n.frames.size() == 1);
  CHECK(std::get<reports>(n.frames.front().message).items.front().age_ms == 50'000);
}

TEST_CASE("a node that reports without end is cut off by name, and offered but once") {
  network n(3);
  n.settings.least_report_every = 3s;
  for (std::uint32_t version = 1; version <= 50; ++version)
    n.tell(2, network::report(3, version));
  CHECK(n.version(2, 3) == 3);
  CHECK(n.refused == std::vector<std::string_view>(47, "a node reports too often"));
  n.now += 1500ms;
  n.tell(2, network::report(3, 60));
  CHECK(n.version(2, 3) == 60);
  n.tell(2, network::report(3, 61));
  CHECK(n.version(2, 3) == 60);
  n.lost = [](const auto&) { return true; };
  n.frames.clear();
  n.nodes.at(2)->tick(n.now, n.out);
  n.take(2);
  std::size_t names = 0;
  for (const auto& f : n.frames)
    if (const auto* m = std::get_if<reports_offer>(&f.message)) {
      names = static_cast<std::size_t>(
          std::ranges::count(m->names, mark_of(who(3).id), &report_name::node));
      CHECK(names == 1);
    }
  CHECK(names == 1);
}

TEST_CASE("who offers and does not give is not the next to be asked") {
  network n(4);
  const auto asked_by_offer_of = [&](std::uint8_t from) {
    n.frames.clear();
    n.say(from, 2, reports_offer{{{mark_of(who(3).id), 9}}});
    return n.frames.size() == 1 && n.frames.front().to == who(from);
  };
  CHECK(asked_by_offer_of(1));
  CHECK(!asked_by_offer_of(4)); // it is under way
  n.now += n.settings.ask_again;
  CHECK(!asked_by_offer_of(1));
  CHECK(asked_by_offer_of(4));
  n.now += 3 * n.settings.ask_again;
  CHECK(asked_by_offer_of(4)); // when nobody else has it
}

TEST_CASE("of two ages of one report the smaller one holds, and only of that report") {
  network n(3);
  n.now += 100s;
  const auto age = [&] { return n.now - n.nodes.at(2)->find(who(3).id)->made; };
  n.tell(2, network::report(3, 5), 40'000);
  n.tell(2, network::report(3, 5), 30'000);
  CHECK(age() == 30s);
  n.tell(2, network::report(3, 5), 50'000);
  n.tell(2, network::report(3, 4), 10'000);
  auto other = network::report(3, 5);
  other.signed_by_node[1] = 1;
  n.tell(2, other, 10'000);
  CHECK(age() == 30s);
}

TEST_CASE("a host whose address is too long is reported without it, and not refused") {
  network n(3);
  const auto told = [&](const std::string& address) {
    auto r = network::report(3, n.version(2, 3) + 1);
    r.host = reported_host(address);
    n.tell(2, r);
    n.now += 200s;
    return n.nodes.at(2)->find(who(3).id)->report->host;
  };
  const auto fits = std::string(59, 'h') + ":4701", longer = std::string(60, 'h') + ":4701";
  CHECK(told(fits) == fits);
  CHECK(told(longer).empty());
  CHECK(n.version(2, 3) == 2);
  CHECK(n.refused.empty());
}

TEST_CASE("forged and absurd reports are refused by name, and older ones ignored") {
  network n(3);
  n.tell(2, network::report(3, 5));
  REQUIRE(n.version(2, 3) == 5);
  n.tell(2, network::report(3, 4));
  CHECK(n.refused.empty());
  const auto refuse = [&](auto&& change, std::string_view why) {
    auto r = network::report(3, 6);
    change(r);
    n.refused.clear();
    n.tell(2, r);
    REQUIRE(n.refused.size() == 1);
    CHECK(n.refused.front() == why);
  };
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  refuse([](auto& r) { r.signed_by_node[0] = 1; }, "a report is not signed by its node");
  refuse([](auto& r) { r.host = "nowhere"; }, "a report names no address as its host's");
  refuse([](auto& r) { r.host = "127.0.0.1:4701" + std::string(60, ' '); },
         "a report names no address as its host's");
  refuse([](auto& r) { r.node = who(9).id; }, "a report of no member");
  // The same first eight bytes as a member's id.
  refuse([](auto& r) { r.node.bytes[20] = 1; }, "a report of no member");
  refuse([](auto& r) { r.nearest.resize(17, {7, 20, 100}); }, "a report has too many links");
  for (const auto bad : {-1.0f, 0.0f, nan, 1e30f, std::numeric_limits<float>::infinity()})
    refuse([&](auto& r) { r.nearest[0].round_trip_ms = bad; }, "a report claims an absurd link");
  for (const auto bad : {-1.0f, nan, 1e30f, std::numeric_limits<float>::infinity()})
    refuse([&](auto& r) { r.nearest[0].mbit_per_s = bad; }, "a report claims an absurd link");
  refuse([](auto& r) { r.nearest[0].mbit_confidence = 101; }, "a report claims an absurd link");
  // Confidence in a bandwidth that is unknown.
  refuse(
      [](auto& r) {
        r.nearest[0].mbit_per_s = 0;
        r.nearest[0].mbit_confidence = 1;
      },
      "a report claims an absurd link");
  refuse([&](auto& r) { r.device.tflops_f32 = -1; }, "a report claims an absurd device");
  refuse([&](auto& r) { r.device.tier = 0; }, "a report claims an absurd device");
  refuse([&](auto& r) { r.policy.memory_gb = -1; }, "a report claims an absurd device");
  refuse([&](auto& r) { r.place.height = nan; }, "a report claims an absurd place");
  CHECK(n.version(2, 3) == 5);
}

TEST_CASE("no answer is longer than a datagram, whatever the lengths of reports") {
  network n(40);
  random_source random(5);
  reports_request all;
  for (std::uint8_t of = 3; of <= 40; ++of) {
    auto r = network::report(of, 1);
    r.nearest.resize(random.below(n.settings.most_links + 1), {7, 20, 100});
    n.tell(2, r);
    all.names.push_back({mark_of(who(of).id), 1});
  }
  n.say(1, 2, all);
  CHECK(n.reports_sent == 38);
  for (const auto& frame : n.frames)
    CHECK(packed_size(frame.message) <= n.settings.datagram_bytes + 20);
  // And there are only so many of them.
  n.settings.most_answers = 3;
  n.reports_sent = 0;
  n.frames.clear();
  n.say(1, 2, all);
  CHECK(n.frames.size() == 3);
  CHECK(n.reports_sent < 38);
}

TEST_CASE("a name that is asked for often is answered once, to where its member is") {
  network n(3);
  n.tell(2, network::report(3, 1));
  auto elsewhere = who(1);
  elsewhere.where.port = 99;
  const std::vector<report_name> often(80, {mark_of(who(3).id), 1});
  n.nodes.at(2)->receive(elsewhere, reports_request{often}, n.now, n.out);
  n.take(2);
  REQUIRE(n.frames.size() == 1);
  CHECK(n.frames.front().to == who(1));
  CHECK(n.reports_sent == 1);
}

TEST_CASE("lists without end and strangers' requests are refused by name") {
  network n(3);
  const std::vector<report_name> many(81, {1, 1});
  n.say(1, 2, reports_offer{many});
  n.say(1, 2, reports_request{many});
  n.say(1, 2, reports{{81, {std::make_shared<const node_report>(network::report(3, 9)), 0}}});
  n.say(99, 2, reports_request{{{mark_of(who(3).id), 1}}});
  n.say(99, 2, reports_offer{{{mark_of(who(3).id), 1}}});
  n.say(99, 2, reports{{{std::make_shared<const node_report>(network::report(3, 9)), 0}}});
  CHECK(n.refused.size() == 6);
  CHECK(n.frames.empty());
  CHECK(n.version(2, 3) == 0);
}
