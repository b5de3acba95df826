#include <doctest/doctest.h>

#include "runtime/base/json_codec.hpp"
#include "runtime/sim/membership_experiment.hpp"

using namespace dci;

namespace {

membership_report report(const membership_options& options) {
  const auto out = run_membership(options);
  REQUIRE_MESSAGE(out, out.error().message);
  return *out;
}

} // namespace

TEST_CASE("deaths are noticed within seconds, everywhere, and nobody else is declared dead") {
  membership_options options;
  options.scene.nodes = 500;
  options.lasts = std::chrono::minutes(10);
  options.deaths = 40;
  const auto r = report(options);
  CHECK(r.declared == 40);
  CHECK(r.missed == 0);
  CHECK(r.false_deaths == 0);
  CHECK(r.median_detection_s <= 4);
  CHECK(r.p99_detection_s <= 7);
  CHECK(r.max_all_know_s <= 4);
  CHECK(r.bytes_per_node_per_s <= 4096);
}

TEST_CASE("with a tenth of all datagrams lost nobody who lives is declared dead") {
  membership_options options;
  options.scene.nodes = 200;
  options.lasts = std::chrono::minutes(20);
  options.deaths = 10;
  options.scene.conditions.loss = 0.1;
  const auto r = report(options);
  CHECK(r.declared == 10);
  CHECK(r.missed == 0);
  CHECK(r.false_suspicions > 0);
  CHECK(r.false_deaths == 0);
}

TEST_CASE("a seed repeats a run to the last figure") {
  membership_options options;
  options.scene.nodes = 50;
  options.lasts = std::chrono::minutes(2);
  options.deaths = 3;
  CHECK(to_json_value(report(options)) == to_json_value(report(options)));
}

TEST_CASE("more deaths than the network bears are refused") {
  membership_options options;
  options.scene.nodes = 10;
  options.deaths = 6;
  CHECK(run_membership(options).error().code == errc::bad_config);
}
