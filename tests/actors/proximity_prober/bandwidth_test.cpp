// What a node makes of a peer's reports on its trains.
#include <doctest/doctest.h>

#include <limits>

#include "actors/proximity_prober/bandwidth.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

constexpr auto seen = train_datagrams;

struct one_peer {
  bandwidth_record record;
  node_time now{1h};

  // A train, and what the peer says of it 50 ms later.
  std::string_view say(float mbit, bool at_least = false, node_clock::duration took = 40us) {
    record.sent(7, now);
    record.left(took);
    now += 50ms;
    return record.take({7, seen, mbit, at_least}, now);
  }
};

} // namespace

TEST_CASE("the bandwidth of a link is the median of its newest trains") {
  one_peer p;
  CHECK(!p.record.value());
  CHECK(!p.record.last());
  for (const float mbit : {90.f, 100.f, 11.f, 500.f, 95.f})
    CHECK(p.say(mbit).empty());
  REQUIRE(p.record.value());
  CHECK(p.record.value()->estimate == bandwidth_estimate{95, false});
  CHECK(p.record.value()->measured == p.now);
  CHECK(p.record.value()->trains == 5);
  // What has changed shows when most of the newest say so.
  for (int i = 0; i < 3; ++i)
    CHECK(p.say(10).empty());
  CHECK(p.record.value()->estimate.mbit_per_s == 10);
  CHECK(p.record.value()->trains == bandwidth_record::most_kept);
}

TEST_CASE("confidence grows with the trains that agree, and falls where they do not") {
  one_peer steady, unsure;
  double last = 0;
  for (int i = 0; i < 5; ++i) {
    CHECK(steady.say(50).empty());
    CHECK(steady.record.value()->confidence > last);
    last = steady.record.value()->confidence;
    CHECK(unsure.say(static_cast<float>(20 + 15 * i)).empty());
  }
  CHECK(last == 1);
  CHECK(unsure.record.value()->confidence < 0.5);
  CHECK(unsure.record.value()->confidence >= 0);
}

TEST_CASE("a bandwidth that the sender's own speed explains is at least so much") {
  one_peer p;
  // 7 gaps of 1,480 bytes in 830 us are 99.9 Mbit/s.
  CHECK(p.say(95, false, 830us).empty());
  CHECK(p.record.value()->estimate == bandwidth_estimate{95, true});
  one_peer wide;
  CHECK(wide.say(820, true).empty());
  CHECK(wide.record.value()->estimate.at_least);
  one_peer narrow;
  CHECK(narrow.say(50, false, 830us).empty());
  CHECK(!narrow.record.value()->estimate.at_least);
}

TEST_CASE("what cannot be is refused by name, and leaves what is known") {
  one_peer p;
  CHECK(p.say(50).empty());
  const auto before = *p.record.value();
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto inf = std::numeric_limits<float>::infinity();
  for (const float absurd : {0.f, -1.f, nan, inf, -inf, 1e9f, 850.f})
    CHECK(p.say(absurd) == "a bandwidth that no train shows");
  // A datagram of this train took longer than the train was away: 11,840 bits in 50 ms.
  CHECK(p.say(0.2f) == "a bandwidth lower than its train was slow");
  CHECK(p.say(0.25f).empty());
  for (const std::uint8_t received : {0, 1, 9, 255}) {
    p.record.sent(9, p.now);
    CHECK(p.record.take({9, received, 50, false}, p.now + 1s) == "a bandwidth that no train shows");
  }
  one_peer other;
  CHECK(other.say(50).empty());
  for (const float absurd : {0.f, nan, 1e9f})
    other.say(absurd);
  CHECK(other.record.value()->estimate == before.estimate);
  CHECK(other.record.value()->trains == 1);
}

TEST_CASE("a report counts once, of the train under way only, and none from before it") {
  one_peer p;
  const std::string_view stray = "a report of no train that is under way";
  CHECK(p.record.take({7, seen, 50, false}, p.now) == stray);
  p.record.sent(7, p.now);
  CHECK(p.record.take({8, seen, 50, false}, p.now + 1s) == stray);
  CHECK(p.record.take({7, seen, 50, false}, p.now - 1s) == stray);
  CHECK(p.record.take({7, seen, 50, false}, p.now + 1s).empty());
  CHECK(p.record.take({7, seen, 50, false}, p.now + 2s) == stray);
  CHECK(p.record.value()->trains == 1);
}
