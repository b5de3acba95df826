#include <doctest/doctest.h>

#include "runtime/sim/gossip_experiment.hpp"

using namespace dci;

TEST_CASE("what nodes know of one another is never older than three minutes") {
  gossip_options options;
  options.scene.nodes = 100;
  options.lasts = std::chrono::minutes(6);
  const auto report = run_gossip(options);
  REQUIRE_MESSAGE(report, report.error().message);
  CHECK(report->unknown == 0);
  CHECK(report->max_age_s <= 180);
  CHECK(report->max_age_s > 10);
  CHECK(report->bytes_per_node_per_s <= 16 * 1024);
  CHECK(report->report_bytes > 400);
}
