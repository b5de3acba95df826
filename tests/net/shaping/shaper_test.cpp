#include "net/shaping/shaper.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace dci;
using namespace std::chrono_literals;

namespace {

const shaper::clock::time_point start{1000s};

} // namespace

TEST_CASE("a link without conditions keeps nothing") {
  shaper s(random_source(1));
  CHECK(s.datagram({}, start, 1000) == start);
  CHECK(s.stream({}, start, 1'000'000) == start);
}

TEST_CASE("latency and jitter are as they are said to be") {
  const link_conditions is{20, 10, 0, 0, false};
  shaper s(random_source(1));
  auto least = 1000ms + 0us, most = 0us;
  bool overtakes = false;
  shaper::clock::time_point before{};
  for (int i = 0; i < 1000; ++i) {
    const auto out = s.datagram(is, start + i * 1ms, 100);
    REQUIRE(out);
    overtakes = overtakes || *out < before;
    before = *out;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(*out - start - i * 1ms);
    least = std::min(least, took);
    most = std::max(most, took);
  }
  CHECK(least >= 20ms);
  CHECK(least < 21ms);
  CHECK(most <= 30ms);
  CHECK(most > 29ms);
  CHECK(overtakes);
  before = {};
  for (int i = 0; i < 1000; ++i) {
    const auto out = s.stream(is, start + i * 1ms, 100);
    CHECK(out >= before);
    before = out;
  }
}

TEST_CASE("so much comes through in a second as there is bandwidth, in one go or in many") {
  const link_conditions is{0, 0, 8, 0, false}; // a megabyte a second
  shaper one(random_source(1)), many(random_source(1));
  CHECK(one.stream(is, start, 1'000'000) == start + 1s);
  shaper::clock::time_point last;
  for (int i = 0; i < 1000; ++i)
    last = many.stream(is, start, 1000);
  CHECK(last == start + 1s);
  // Datagrams queue for half a second at most.
  shaper flood(random_source(1));
  int through = 0;
  for (int i = 0; i < 1000; ++i)
    through += flood.datagram(is, start, 1000) ? 1 : 0;
  CHECK(through == 501);
  CHECK(flood.datagram(is, start + 1s, 1000) == start + 1001ms);
}

TEST_CASE("datagrams are lost at the share that is said; a stream loses time instead") {
  const link_conditions is{10, 0, 0, 0.25, false};
  shaper s(random_source(7));
  int lost = 0;
  for (int i = 0; i < 10'000; ++i)
    lost += s.datagram(is, start, 100) ? 0 : 1;
  CHECK(lost > 2300);
  CHECK(lost < 2700);
  int stalls = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto sent = start + i * 10s;
    const auto took = s.stream(is, sent, 100) - sent;
    CHECK((took == 10ms || took == 230ms));
    stalls += took > 10ms ? 1 : 0;
  }
  CHECK(stalls > 200);
  CHECK(stalls < 300);
}

TEST_CASE("nothing comes over a link that is cut") {
  shaper s(random_source(1));
  CHECK(!s.datagram({0, 0, 0, 0, true}, start, 1));
}

TEST_CASE("conditions that cannot be are named") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(!fault_of({}));
  CHECK(!fault_of({100, 5, 10, 0.5, true}));
  CHECK(fault_of({-1, 0, 0, 0, false})->find("latency_ms") != std::string::npos);
  CHECK(fault_of({nan, 0, 0, 0, false})->find("latency_ms") != std::string::npos);
  CHECK(fault_of({0, 1e9, 0, 0, false})->find("jitter_ms") != std::string::npos);
  CHECK(fault_of({0, 0, 1e-9, 0, false})->find("mbit_per_s") != std::string::npos);
  CHECK(fault_of({0, 0, 0, 1.5, false})->find("loss") != std::string::npos);
}
