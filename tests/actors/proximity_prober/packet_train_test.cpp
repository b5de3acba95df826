// What the receiver of a packet train makes of it: over shaped links, with losses, jitter and lies.
#include <doctest/doctest.h>

#include <algorithm>

#include "actors/proximity_prober/packet_train.hpp"
#include "net/datagram/datagram.hpp"
#include "net/shaping/shaper.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

using arrivals = std::vector<std::optional<node_time>>;

// Datagrams of 1,480 bytes with so much time between them; a negative number is one that is lost.
arrivals at(std::initializer_list<int> microseconds) {
  arrivals out;
  for (const auto us : microseconds)
    out.push_back(us < 0 ? std::nullopt : std::optional(node_time(std::chrono::microseconds(us))));
  return out;
}

// What is reported of a train over a link that is like this.
std::optional<proximity_train_report> over(shaper& way, const link_conditions& is) {
  train_collector receiver;
  const shaper::clock::time_point begin{1h};
  node_time last{};
  for (const auto& one : make_train(7)) {
    const auto bytes = bytes_on_wire(one);
    const auto due = way.datagram(is, begin, bytes);
    if (!due)
      continue;
    const auto arrived =
        node_time(std::chrono::duration_cast<node_clock::duration>(due->time_since_epoch()));
    CHECK(receiver.take(std::get<proximity_train>(one), bytes, arrived).empty());
    last = std::max(last, arrived);
  }
  CHECK((receiver.due() == no_time || receiver.due() == last + longest_train_gap));
  return receiver.finish();
}

} // namespace

TEST_CASE("a train's datagrams are as long as any may be, whatever their number") {
  for (const auto number : {0u, 200u, 70'000u, ~0u}) {
    const auto train = make_train(number);
    CHECK(train.size() == train_datagrams);
    for (const auto& one : train)
      CHECK(bytes_on_wire(one) == most_datagram_bytes + 28);
  }
  CHECK(bytes_on_wire(proximity_train_report{~0u, 255, 1, true}) < most_datagram_bytes / 8);
}

TEST_CASE("the bandwidth of a shaped link is found, from a tenth of a Mbit/s to a hundred") {
  for (const double mbit : {0.1, 1.0, 10.0, 100.0}) {
    CAPTURE(mbit);
    shaper way(random_source(1));
    const auto said = over(way, {.latency_ms = 20, .mbit_per_s = mbit});
    REQUIRE(said);
    CHECK(said->mbit_per_s == doctest::Approx(mbit).epsilon(0.01));
    CHECK(!said->at_least);
  }
}

TEST_CASE("jitter, losses and datagrams that overtake others hardly move it") {
  for (const double mbit : {1.0, 10.0, 100.0}) {
    CAPTURE(mbit);
    // As long as two datagrams take, so that they change places.
    const auto jitter = 2 * 11.84 / mbit;
    const link_conditions is{
        .latency_ms = 5, .jitter_ms = jitter, .mbit_per_s = mbit, .loss = 0.05};
    std::vector<double> said;
    for (std::uint64_t seed = 1; seed <= 101; ++seed) {
      shaper way{random_source(seed)};
      if (const auto one = over(way, is))
        said.push_back(one->mbit_per_s);
    }
    CHECK(said.size() > 70);
    std::ranges::sort(said);
    const auto median = said[said.size() / 2];
    CHECK(median > mbit * 0.75);
    CHECK(median < mbit * 1.25);
  }
}

TEST_CASE("one datagram that is late, or two that change places, move nothing") {
  const auto steady = bandwidth_of(at({0, 1000, 2000, 3000, 4000, 5000, 6000, 7000}), 1480);
  REQUIRE(steady);
  CHECK(steady->mbit_per_s == doctest::Approx(11.84));
  CHECK(!steady->at_least);
  CHECK(bandwidth_of(at({0, 1000, 2000, 90'000, 4000, 5000, 6000, 7000}), 1480) == steady);
  const auto changed = bandwidth_of(at({0, 1000, 3000, 2000, 4000, 5000, 6000, 7000}), 1480);
  REQUIRE(changed);
  CHECK(changed->mbit_per_s == doctest::Approx(11.84));
}

TEST_CASE("nothing is concluded across a datagram that was lost, nor from too few") {
  // Whether the lost one took its time on the narrow part is not known.
  const auto gap = bandwidth_of(at({0, 1000, 2000, -1, 2500, 3500, 4500, 5500}), 1480);
  REQUIRE(gap);
  CHECK(gap->mbit_per_s == doctest::Approx(11.84));
  CHECK(!bandwidth_of(at({0, 1000, -1, 2000, 3000, -1, 4000, -1}), 1480));
  CHECK(!bandwidth_of(at({-1, -1, -1, -1, -1, -1, -1, -1}), 1480));
  CHECK(!bandwidth_of(at({0}), 1480));
  CHECK(!bandwidth_of({}, 1480));
}

TEST_CASE("what comes faster than clocks can tell is at least so much") {
  const auto most = most_mbit_per_s(8, 1480);
  CHECK(most == doctest::Approx(828.8));
  for (const auto& burst : {at({0, 0, 0, 0, 0, 0, 0, 0}), at({0, 5, 9, 12, 20, 31, 33, 40}),
                            at({40, 33, 31, 20, 12, 9, 5, 0})}) {
    const auto said = bandwidth_of(burst, 1480);
    REQUIRE(said);
    CHECK(said->at_least);
    CHECK(said->mbit_per_s == doctest::Approx(most));
  }
  // The half of a train shows half as much.
  const auto half = bandwidth_of(at({0, 1, 2, 3, 4, -1, -1, -1}), 1480);
  REQUIRE(half);
  CHECK(half->mbit_per_s == doctest::Approx(most * 4 / 7));
}

TEST_CASE("a train that cannot be, or contradicts itself, is dropped by name") {
  const auto datagram = [](std::uint8_t place, std::uint8_t count) {
    return proximity_train{7, place, count, {}};
  };
  train_collector receiver;
  const std::string_view absurd = "a train that cannot be";
  CHECK(receiver.take(datagram(0, 0), 1480, {}) == absurd);
  CHECK(receiver.take(datagram(0, 1), 1480, {}) == absurd);
  CHECK(receiver.take(datagram(8, 8), 1480, {}) == absurd);
  CHECK(receiver.take(datagram(0, most_train_datagrams + 1), 1480, {}) == absurd);
  CHECK(receiver.take(datagram(255, 255), 1480, {}) == absurd);
  CHECK(receiver.due() == no_time);
  CHECK(!receiver.is_whole());
  CHECK(!receiver.finish());
  const std::string_view contradicts = "a train whose datagrams contradict one another";
  CHECK(receiver.take(datagram(0, 3), 1480, {}).empty());
  CHECK(receiver.take(datagram(0, 3), 1480, {}) == contradicts);
  CHECK(receiver.take(datagram(1, 4), 1480, {}) == contradicts);
  CHECK(receiver.take(datagram(1, 3), 200, {}) == contradicts);
  CHECK(receiver.take(datagram(2, 3), 1480, node_time(2ms)).empty());
  CHECK(!receiver.is_whole());
  CHECK(receiver.due() == node_time(2ms) + longest_train_gap);
  CHECK(receiver.take(datagram(1, 3), 1480, node_time(1ms)).empty());
  CHECK(receiver.is_whole());
  const auto said = receiver.finish();
  REQUIRE(said);
  CHECK(said->number == 7);
  CHECK(said->received == 3);
  CHECK(said->mbit_per_s == doctest::Approx(11.84));
  CHECK(!receiver.is_whole());
}

TEST_CASE("another train ends the one before") {
  train_collector receiver;
  CHECK(receiver.take({7, 0, 2, {}}, 1480, node_time(1ms)).empty());
  CHECK(receiver.take({8, 0, 2, {}}, 1480, node_time(5ms)).empty());
  CHECK(receiver.take({8, 1, 2, {}}, 1480, node_time(6ms)).empty());
  const auto said = receiver.finish();
  REQUIRE(said);
  CHECK(said->number == 8);
  CHECK(said->mbit_per_s == doctest::Approx(11.84));
}
