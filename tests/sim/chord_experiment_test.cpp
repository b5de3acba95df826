#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/base/json_codec.hpp"
#include "runtime/sim/chord_experiment.hpp"

using namespace dci;

namespace {

std::vector<chord_report> reports(const chord_options& options) {
  auto out = run_chord(options, {{lookup_strategy::chord, finger_rule::nearest_id},
                                 {lookup_strategy::chord, finger_rule::proximity}});
  REQUIRE_MESSAGE(out, out.error().message);
  return std::move(*out);
}

chord_options small(std::uint32_t nodes) {
  chord_options out;
  out.scene.nodes = nodes;
  out.lookups = 3000;
  out.lasts = std::chrono::minutes(1);
  return out;
}

} // namespace

TEST_CASE("every lookup is right, and near fingers make it fast") {
  for (const auto* kind : {"clustered", "uniform", "transit-stub"}) {
    CAPTURE(kind);
    auto options = small(400);
    options.scene.network = kind;
    const auto both = reports(options);
    for (const auto& one : both) {
      CAPTURE(one.fingers);
      CHECK(one.lookups == options.lookups);
      CHECK(one.correct == one.lookups);
      CHECK(one.mean_hops <= one.most_hops_expected);
      CHECK(one.mean_hops > 1);
      CHECK(one.out_of_place == 0);
      CHECK(one.died == 0);
    }
    CHECK(both[1].mean_latency_ms < 0.8 * both[0].mean_latency_ms);
    CHECK(both[1].mean_hops == doctest::Approx(both[0].mean_hops).epsilon(0.1));
  }
}

TEST_CASE("kademlia's lookups are right too, in as many hops, for more bytes") {
  const auto both = run_chord(small(400), {{lookup_strategy::chord, finger_rule::proximity},
                                           {lookup_strategy::kademlia, finger_rule::proximity}});
  REQUIRE(both);
  const auto &chord = both->front(), &kademlia = both->back();
  CHECK(kademlia.lookups_by == "kademlia");
  CHECK(kademlia.correct == kademlia.lookups);
  CHECK(kademlia.mean_hops == doctest::Approx(chord.mean_hops).epsilon(0.15));
  CHECK(kademlia.bytes_per_lookup > 2 * chord.bytes_per_lookup);
}

TEST_CASE("a seed repeats a run to the last event") {
  const auto one = reports(small(100)), again = reports(small(100));
  auto options = small(100);
  options.scene.seed = 2;
  const auto other = reports(options);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(to_json_value(one[i]) == to_json_value(again[i]));
    CHECK(one[i].events != other[i].events);
  }
}

TEST_CASE("lookups stay right while nodes die and others come") {
  auto options = small(400);
  options.replaced_per_hour = 5; // ten times what is promised for half of the nodes an hour
  options.lasts = std::chrono::minutes(5);
  for (const auto& one : reports(options)) {
    CAPTURE(one.fingers);
    CHECK(one.died > 100);
    CHECK(one.correct > 0.99 * one.lookups);
    CHECK(one.correct_after_retry > 0.995 * one.lookups);
  }
}

TEST_CASE("on measured round trips near fingers save a third of the time") {
  // Where the folder of test data is not there, drawn networks have to do.
  const char* const data = std::getenv("DCI_TEST_DATA");
  if (data == nullptr)
    return;
  auto options = small(1000);
  options.scene.rtt = (std::filesystem::path(data) / "rtt/PlanetLabData_1.tsv").string();
  const auto both = reports(options);
  for (const auto& one : both) {
    CHECK(one.nodes == 490);
    CHECK(one.correct == one.lookups);
  }
  CHECK(both[1].mean_latency_ms < 0.65 * both[0].mean_latency_ms);
  CHECK(both[1].mean_hops == doctest::Approx(both[0].mean_hops).epsilon(0.1));
}
