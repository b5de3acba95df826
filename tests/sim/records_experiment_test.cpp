#include <doctest/doctest.h>

#include "runtime/base/json_codec.hpp"
#include "runtime/sim/records_experiment.hpp"

using namespace dci;

namespace {

records_options small() {
  records_options out;
  out.scene.nodes = 100;
  out.values = 200;
  out.reads = 600;
  out.replaced_per_hour = 3; // six times what is promised for half of the nodes an hour
  out.lasts = std::chrono::minutes(15);
  return out;
}

records_report report(const records_options& options) {
  auto out = run_records(options);
  REQUIRE_MESSAGE(out, out.error().message);
  return *out;
}

} // namespace

TEST_CASE("records stay while nodes die and others come") {
  const auto r = report(small());
  CHECK(r.died > 50);
  CHECK(r.left == 0);
  CHECK(r.reads > 590); // some readers die before they are done
  CHECK(r.read_at_first_try > 0.98 * r.reads);
  CHECK(r.read_after_retry > 0.99 * r.reads);
  CHECK(r.lost == 0);
  CHECK(r.redirected > 0);
  CHECK(r.takeovers > 0);
  CHECK(r.bytes_per_node_per_s > r.bytes_before_per_node_per_s);
  CHECK(r.mean_records_held > 5); // 200 values, three copies, 100 nodes
}

TEST_CASE("and while they leave") {
  auto options = small();
  options.leaving = 1;
  const auto r = report(options);
  CHECK(r.died == 0);
  CHECK(r.left > 50);
  CHECK(r.read_at_first_try > 0.99 * r.reads);
  CHECK(r.lost == 0);
}

TEST_CASE("one copy is lost with its keeper") {
  auto options = small();
  options.records.copies = 1;
  options.records.republish_every = std::chrono::hours(1);
  const auto r = report(options);
  CHECK(r.lost > 20);
  CHECK(r.read_after_retry < 0.95 * r.reads);
}

TEST_CASE("a seed repeats a run of records") {
  CHECK(to_json_value(report(small())) == to_json_value(report(small())));
}
