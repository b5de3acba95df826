// Whom the prober sends trains, how often, and what it answers to those of others.
#include <limits>
#include <map>

#include "tests/actors/proximity_prober/town.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

proximity_train_report said(std::uint32_t number, float mbit) {
  return {number, train_datagrams, mbit, false};
}

const auto near_all = [](std::uint8_t peer) -> maybe { return peer * 1ms; };

} // namespace

TEST_CASE("trains find every near link's bandwidth, and stay within the budget with the probes") {
  town t;
  t.report = [](std::uint8_t peer, std::uint32_t number) { return said(number, 10.f * peer); };
  for (std::uint8_t i = 1; i <= 5; ++i)
    t.machine.add(node(i));
  for (int minute = 0; minute < 40; ++minute) {
    t.run(60s, near_all);
    // The slot that has just begun is paid ahead.
    const auto seconds = std::chrono::duration<double>(t.now.time_since_epoch()).count();
    CHECK(static_cast<double>(t.bytes - 2 * town::probe_bytes()) <= seconds * t.settings.budget);
  }
  for (std::uint8_t i = 1; i <= 5; ++i) {
    const auto bandwidth = t.to(i).bandwidth;
    REQUIRE(bandwidth);
    CHECK(bandwidth->estimate == bandwidth_estimate{10. * i, false});
    CHECK(bandwidth->confidence == 1);
    CHECK(t.now - bandwidth->measured <= t.settings.train_every + 1min);
  }
  CHECK(t.out.refused.empty());
  // Rarely: once all is known, one every five minutes to each of five.
  const auto trains = t.trains;
  t.run(20min, near_all);
  CHECK(t.trains - trains >= 15);
  CHECK(t.trains - trains <= 25);
}

TEST_CASE("while no train is due, probes have the whole budget") {
  town t;
  t.settings.nearest = 0;
  t.machine.add(node(1));
  t.run(60s, near_all);
  CHECK(t.trains == 0);
  CHECK(t.bytes > 60 * t.settings.budget * 98 / 100);
  CHECK(t.bytes <= 60 * t.settings.budget + town::probe_bytes());
}

TEST_CASE("the nearest peers get trains, by turns, also those that never answer one") {
  town t;
  t.settings.nearest = 3;
  std::map<std::uint8_t, std::uint32_t> counts;
  t.report = [&](std::uint8_t peer, std::uint32_t number) {
    ++counts[peer];
    return peer == 2 ? std::nullopt : std::optional(said(number, 50));
  };
  for (const std::uint8_t i : {6, 2, 9, 1, 4})
    t.machine.add(node(i));
  // Nobody is near before its first echo.
  t.run(30s, [](std::uint8_t) -> maybe { return {}; });
  CHECK(t.trains == 0);
  t.run(20min, near_all);
  CHECK(counts.size() == 3);
  for (const std::uint8_t i : {1, 2, 4}) {
    CAPTURE(int(i));
    CHECK(counts[i] >= 5);
  }
  CHECK(!t.to(2).bandwidth);
  CHECK(t.to(4).bandwidth);
  CHECK(!t.to(9).bandwidth);
}

TEST_CASE("a peer whose reports cannot be changes nothing but is named each time") {
  town t;
  const std::vector<proximity_train_report> lies{
      said(0, -5), said(0, std::numeric_limits<float>::infinity()), said(0, 1e12f), said(0, 0)};
  std::size_t next = 0;
  t.report = [&](std::uint8_t peer, std::uint32_t number) {
    auto out = said(number, 50);
    if (peer == 2) {
      out = lies[next++ % lies.size()];
      out.number = number;
    }
    return out;
  };
  t.machine.add(node(1));
  t.machine.add(node(2));
  t.run(5min, near_all);
  CHECK(next >= 4);
  CHECK(t.out.refused.size() == next);
  for (const auto reason : t.out.refused)
    CHECK(reason == "a bandwidth that no train shows");
  CHECK(!t.to(2).bandwidth);
  REQUIRE(t.to(1).bandwidth);
  CHECK(t.to(1).bandwidth->estimate.mbit_per_s == 50);
}

TEST_CASE("a train is answered once, by one datagram, to where it came from") {
  town t;
  t.settings.budget = 1; // so that nothing else is due
  t.machine.add(node(1));
  t.run(1us, [](std::uint8_t) -> maybe { return {}; });
  auto router = node(1);
  router.where.port = 4000;
  const auto train = make_train(7);
  for (std::size_t i = 0; i < train.size(); ++i) {
    CHECK(t.out.sends.empty());
    t.machine.receive(router, train[i], t.now + i * 1ms, t.out);
  }
  REQUIRE(t.out.sends.size() == 1);
  CHECK(t.out.sends[0].to == router);
  const auto* report = std::get_if<proximity_train_report>(&t.out.sends[0].message);
  REQUIRE(report != nullptr);
  CHECK(report->number == 7);
  CHECK(report->mbit_per_s == doctest::Approx(11.84));
  CHECK(bytes_on_wire(*report) < bytes_on_wire(train[0]));
}

TEST_CASE("a train of which some is lost is answered when no more of it comes") {
  town t;
  t.settings.budget = 1;
  t.machine.add(node(1));
  t.run(1us, [](std::uint8_t) -> maybe { return {}; });
  const auto begin = node_time(1s);
  const auto train = make_train(7);
  for (std::size_t i = 0; i < 6; ++i)
    t.machine.receive(node(1), train[i], begin + i * 1ms, t.out);
  CHECK(t.machine.next_tick() <= begin + 5ms + longest_train_gap);
  t.machine.tick(begin + 900ms, t.out);
  CHECK(t.out.sends.empty());
  t.machine.tick(begin + 5ms + longest_train_gap, t.out);
  REQUIRE(t.out.sends.size() == 1);
  CHECK(std::get<proximity_train_report>(t.out.sends[0].message).received == 6);
  CHECK(t.machine.next_tick() > begin + 10s);
  // What is left of it makes no report of its own.
  t.out.clear();
  t.machine.receive(node(1), train[6], begin + 2s, t.out);
  t.machine.tick(begin + 2s + longest_train_gap, t.out);
  CHECK(t.out.sends.empty());
}

TEST_CASE("trains of strangers are dropped, and those that cannot be named") {
  town t;
  t.machine.add(node(1));
  t.machine.receive(node(9), make_train(7)[0], t.now, t.out);
  t.machine.receive(node(9), said(7, 50), t.now, t.out);
  t.machine.receive(node(1), proximity_train{7, 9, 8, {}}, t.now, t.out);
  t.machine.receive(node(1), said(7, 50), t.now, t.out);
  CHECK(t.out.sends.empty());
  REQUIRE(t.out.refused.size() == 4);
  CHECK(t.out.refused[2] == "a train that cannot be");
  CHECK(t.out.refused[3] == "a report of no train that is under way");
}
