#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/json_codec.hpp"
#include "runtime/base/statistics.hpp"
#include "runtime/sim/access_links.hpp"
#include "runtime/sim/alpha_beta_experiment.hpp"

using namespace dci;

namespace {

alpha_beta_options small() {
  alpha_beta_options out;
  out.scene.nodes = 200;
  out.candidates = 30;
  out.rounds = 20;
  out.steps = 2;
  return out;
}

std::vector<alpha_beta_report> reports(const alpha_beta_options& options) {
  auto out = run_alpha_beta(options);
  REQUIRE_MESSAGE(out, out.error().message);
  return std::move(*out);
}

} // namespace

TEST_CASE("access links are as wide as they say") {
  const access_links links(4000, random_source(1));
  std::vector<double> up;
  std::uint32_t uneven = 0;
  for (std::uint32_t i = 0; i + 1 < 4000; i += 2) {
    up.push_back(links.mbit_per_s(i, i + 1));
    uneven += links.mbit_per_s(i, i + 1) != links.mbit_per_s(i + 1, i);
  }
  // Of two ends the narrower one, so less than 20 at the median, and seldom more than up's 93.
  CHECK(percentile(up, 0.5) == doctest::Approx(17).epsilon(0.15));
  CHECK(percentile(up, 0.1) == doctest::Approx(4).epsilon(0.2));
  CHECK(percentile(up, 0.9) < 93);
  CHECK(uneven > 1900);
}

TEST_CASE("nearness is worth more to decoding, bandwidth to prefilling") {
  const auto all = reports(small());
  // Three references, then three values of alpha, with all links and without narrow ones.
  REQUIRE(all.size() == 9);
  const auto &any = all[0], &decode = all[1], &prefill = all[2];
  CHECK(any.chosen_by == "chance");
  for (const auto& one : all) {
    CAPTURE(one.chosen_by);
    CHECK(one.formed == one.rounds);
    CHECK(one.slowest_edge_ms < one.prefill_ms);
    CHECK(one.decode_ms < one.prefill_ms);
    // No choice is better at what another one was made for.
    CHECK(one.decode_ms >= decode.decode_ms * 0.99);
    CHECK(one.prefill_ms >= prefill.prefill_ms * 0.99);
  }
  const auto &wide = all[3], &near = all[5], &near_and_wide = all[8];
  CHECK(*wide.alpha == 0);
  CHECK(*near.alpha == 1);
  CHECK(near.decode_ms < 0.5 * any.decode_ms);
  CHECK(wide.prefill_ms < 0.5 * any.prefill_ms);
  CHECK(wide.prefill_ms < near.prefill_ms);
  CHECK(near.decode_ms < wide.decode_ms);
  CHECK(near_and_wide.least_mbit == 10);
  CHECK(near_and_wide.prefill_ms < near.prefill_ms);
}

TEST_CASE("a threshold that nobody meets leaves no ring, and says so") {
  auto options = small();
  options.least_mbit = 1e6;
  const auto all = reports(options);
  CHECK(all.back().formed == 0);
  CHECK(all.back().prefill_ms == 0);
}

TEST_CASE("a seed repeats the choice of rings") {
  const auto one = reports(small()), again = reports(small());
  for (std::size_t i = 0; i < one.size(); ++i)
    CHECK(to_json_value(one[i]) == to_json_value(again[i]));
}

TEST_CASE("weights that cannot be tried are refused") {
  auto options = small();
  options.rounds = 0;
  CHECK(run_alpha_beta(options).error().code == errc::bad_config);
  options = small();
  options.steps = 0;
  CHECK(run_alpha_beta(options).error().code == errc::bad_config);
  options = small();
  options.least_mbit = std::nan("");
  CHECK(run_alpha_beta(options).error().code == errc::bad_config);
  options = small();
  options.stages = 31;
  CHECK(run_alpha_beta(options).error().code == errc::bad_request);
}
