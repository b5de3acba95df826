#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/sim/coordinates_experiment.hpp"
#include "runtime/sim/ring_experiment.hpp"

using namespace dci;

namespace {

// PlanetLab's, or a drawn network where the folder of test data is not there.
sim_scene measured_or_drawn() {
  sim_scene out;
  out.nodes = 490;
  if (const char* const data = std::getenv("DCI_TEST_DATA"))
    out.rtt = (std::filesystem::path(data) / "rtt/PlanetLabData_1.tsv").string();
  return out;
}

} // namespace

TEST_CASE("coordinates guess round trips that were never measured") {
  coordinates_options options;
  options.scene = measured_or_drawn();
  const auto report = run_coordinates(options);
  REQUIRE_MESSAGE(report, report.error().message);
  CHECK(report->nodes == 490);
  CHECK(report->median_relative_error <= 0.12);
}

TEST_CASE("a ring of near nodes is far shorter than any ring") {
  ring_options options;
  options.scene = measured_or_drawn();
  options.rounds = 10;
  options.candidates = 50;
  const auto many = run_ring(options);
  REQUIRE_MESSAGE(many, many.error().message);
  for (const auto& one : *many) {
    CAPTURE(one.chosen_by);
    CHECK(one.below_random >= 0.6);
    CHECK(!one.above_exact);
  }
  options.candidates = 10;
  options.rounds = 100;
  const auto few = run_ring(options);
  REQUIRE_MESSAGE(few, few.error().message);
  CHECK(few->front().chosen_by == "latency");
  CHECK(*few->front().worst_above_exact < 1e-6);
  CHECK(few->at(1).chosen_by == "score");
  CHECK(*few->at(1).above_exact <= 0.05);
}
