// The prober's round trips, on a clock of its own, and its messages as bytes.
#include <limits>

#include "actors/packed_size.hpp"
#include "actors/proximity_prober/wire.hpp"
#include "tests/actors/proximity_prober/town.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

TEST_CASE("every member is measured, by turns, and never beyond the budget") {
  town t;
  for (std::uint8_t i = 1; i <= 11; ++i)
    t.machine.add(node(i));
  t.run(30s, [](std::uint8_t peer) -> maybe { return peer * 1ms; });
  for (std::uint8_t i = 1; i <= 11; ++i) {
    CAPTURE(int(i));
    CHECK(t.to(i).round_trip == i * 1ms);
    CHECK(t.to(i).loss == 0);
    CHECK(t.to(i).echoes >= t.probes / 11);
    CHECK(t.now - t.to(i).measured <= 2 * 11 * pause_of(t.settings) + 1ms);
  }
  CHECK(t.out.refused.empty());
  CHECK(t.bytes <= 30 * t.settings.budget + t.probe_bytes());
  CHECK(t.bytes >= 30 * t.settings.budget * 8 / 10);
}

TEST_CASE("the nearest are measured oftener than their turn, for a small share of the probes") {
  town t;
  t.settings.nearest = 5;
  t.settings.nearest_every = 10s;
  for (int i = 1; i <= 250; ++i)
    t.machine.add(node(static_cast<std::uint8_t>(i)));
  t.run(60s, [](std::uint8_t peer) -> maybe { return peer * 1ms; });
  const auto until = t.now + 60s;
  while (t.now < until) {
    t.run(1s, [](std::uint8_t peer) -> maybe { return peer * 1ms; });
    for (std::uint8_t near = 1; near <= 5; ++near)
      CHECK(t.now - t.to(near).measured <= 11s);
  }
  std::uint32_t of_others = 0;
  for (int i = 6; i <= 250; ++i) {
    of_others += t.to(static_cast<std::uint8_t>(i)).echoes;
    CHECK(t.now - t.to(static_cast<std::uint8_t>(i)).measured <= 36s);
  }
  CHECK(of_others >= 0.9 * t.probes);
}

TEST_CASE("who goes far is one of the nearest no more") {
  town t;
  t.settings.nearest = 2;
  t.settings.nearest_every = 3s;
  for (int i = 1; i <= 200; ++i)
    t.machine.add(node(static_cast<std::uint8_t>(i)));
  bool gone = false;
  const auto far = [&](std::uint8_t peer) -> maybe {
    return gone && peer == 2 ? 300ms : peer * 1ms;
  };
  t.run(60s, far);
  gone = true;
  t.run(30s, far);
  const auto before = t.to(2).echoes, of_third = t.to(3).echoes;
  t.run(30s, far);
  CHECK(t.to(2).echoes <= before + 3);
  CHECK(t.to(3).echoes >= of_third + 8);
}

TEST_CASE("jitter and loss are told from a steady way, and what changed is noticed") {
  town t;
  t.machine.add(node(1));
  t.machine.add(node(2));
  std::uint32_t count = 0;
  t.run(120s, [&](std::uint8_t peer) -> maybe {
    if (peer == 2)
      return 20ms;
    return ++count % 4 == 0 ? maybe{} : maybe{count % 2 == 0 ? 10ms : 30ms};
  });
  CHECK(t.to(2).jitter < 1ms);
  CHECK(t.to(1).jitter > 5ms);
  CHECK(t.to(1).least == 10ms);
  CHECK(t.to(1).loss > 0.1);
  CHECK(t.to(1).loss < 0.4);
  CHECK(t.to(2).loss == 0);
  t.run(60s, [](std::uint8_t) -> maybe { return 80ms; });
  CHECK(t.to(2).round_trip > 75ms);
  CHECK(t.to(1).loss < 0.05);
}

TEST_CASE("a member that left is probed no more, one that moved is measured anew") {
  town t;
  t.machine.add(node(1));
  t.machine.add(node(2));
  t.run(5s, [](std::uint8_t) -> maybe { return 5ms; });
  t.machine.remove(node(1).id);
  CHECK(t.machine.links().size() == 1);
  auto moved = node(2);
  moved.where.port = 99;
  t.machine.add(moved);
  CHECK(t.machine.links().front().echoes == 0);
  CHECK(t.machine.links().front().peer == moved);
}

TEST_CASE("a probe is answered with as much, to members only; echoes of nothing are dropped") {
  town t;
  t.machine.add(node(1));
  t.machine.receive(node(1), proximity_probe{7, {}}, t.now, t.out);
  REQUIRE(t.out.sends.size() == 1);
  const auto* echo = std::get_if<proximity_echo>(&t.out.sends[0].message);
  REQUIRE(echo != nullptr);
  CHECK(echo->number == 7);
  t.out.clear();
  t.machine.receive(node(9), proximity_probe{7, {}}, t.now, t.out);
  t.machine.receive(node(1), proximity_echo{7, {}}, t.now, t.out);
  auto absurd = proximity_echo{7, {}};
  absurd.place.height = -1;
  t.machine.receive(node(1), absurd, t.now, t.out);
  absurd.place.height = std::numeric_limits<float>::infinity();
  t.machine.receive(node(1), absurd, t.now, t.out);
  CHECK(t.out.sends.empty());
  CHECK(t.out.refused.size() == 4);
  CHECK(t.to(1).echoes == 0);
}

TEST_CASE("an echo counts once, and none from before its probe") {
  town t;
  t.now = node_time(10s);
  t.machine = prober(t.settings, random_source(1), t.now);
  t.machine.add(node(1));
  t.machine.tick(t.now, t.out);
  const auto number = std::get<proximity_probe>(t.out.sends.at(0).message).number;
  t.out.clear();
  t.machine.receive(node(1), proximity_echo{number, {}}, t.now - 1s, t.out);
  CHECK(t.out.refused.size() == 1);
  t.machine.receive(node(1), proximity_echo{number, {}}, t.now + 3ms, t.out);
  t.machine.receive(node(1), proximity_echo{number, {}}, t.now + 4ms, t.out);
  CHECK(t.out.refused.size() == 2);
  CHECK(t.to(1).echoes == 1);
  CHECK(t.to(1).round_trip == 3ms);
}

TEST_CASE("trains and reports come back as they were") {
  const proximity_train train{70'000, 3, 8, {1200}};
  const proximity_train_report report{70'000, 8, 12.5f, true};
  for (const proximity_message& message : std::initializer_list<proximity_message>{train, report}) {
    const auto bytes = pack_proximity(message);
    CHECK(bytes.size() == packed_size(message));
    const auto read = unpack_proximity(bytes);
    REQUIRE(read);
    CHECK(pack_proximity(*read) == bytes);
  }
  auto absurd = report;
  for (const auto mbit :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    absurd.mbit_per_s = mbit;
    const auto read = unpack_proximity(pack_proximity(absurd));
    REQUIRE(!read);
    CHECK(read.error().message.find("mbit_per_s") != std::string::npos);
  }
}

TEST_CASE("probes and echoes come back as they were, and are equally long") {
  network_place place;
  place.at = {1.5f, -2, 0.25f, 3};
  place.height = 4;
  place.error = 0.5f;
  const auto probe = pack_proximity(proximity_probe{70'000, place});
  CHECK(probe.size() == pack_proximity(proximity_echo{70'000, place}).size());
  CHECK(probe.size() == packed_size(proximity_message(proximity_probe{70'000, place})));
  const auto read = unpack_proximity(probe);
  REQUIRE(read);
  CHECK(std::get<proximity_probe>(*read).place == place);
  for (std::size_t size = 0; size < probe.size(); ++size)
    CHECK(!unpack_proximity(std::span(probe).first(size)));
}
