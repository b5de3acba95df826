#include <doctest/doctest.h>

#include "runtime/sim/conditions_experiment.hpp"
#include "runtime/sim/shaped_ring.hpp"

using namespace dci;
using namespace std::chrono_literals;

namespace {

shaped_ring ring_of(std::size_t stages, const link_conditions& each) {
  return {std::vector(stages, each), random_source(1)};
}

} // namespace

TEST_CASE("a step takes the time of its links, and sessions share them") {
  // 8000 bytes are 64 ms on 1 Mbit/s, 64 bytes half a millisecond.
  auto narrow = ring_of(4, {.latency_ms = 10, .mbit_per_s = 1});
  const auto once = 4 * 10ms + 3 * 64ms + 512us;
  CHECK(narrow.run({1, 1, 8000}) == once);
  CHECK(narrow.run({1, 5, 8000}) == 5 * once);
  // Of many sessions the slowest link lets one through at a time.
  const auto many = narrow.run({20, 10, 8000});
  CHECK(many >= 200 * 64ms);
  CHECK(many <= 200 * 64ms + once);
  // Lines that are only long carry them all at once.
  auto wide = ring_of(4, {.latency_ms = 10});
  CHECK(wide.run({20, 10, 8000}) == 10 * 40ms);
  CHECK(wide.run({20, 0, 8000}) == 0ms);
}

TEST_CASE("what is lost comes later, but it comes") {
  auto lossy = ring_of(8, {.latency_ms = 10, .loss = 0.05});
  const auto time = lossy.run({1, 100, 8000});
  CHECK(time > 100 * 80ms);
  CHECK(time < 100 * 8 * (10ms + 200ms + 20ms));
}

TEST_CASE("each condition does what it is known to do") {
  conditions_options options;
  options.scene.nodes = 60;
  options.lookups = 200;
  const auto out = run_conditions(options);
  REQUIRE_MESSAGE(out, out.error().message);
  const auto find = [&](std::string_view changed, double value) {
    for (const auto& one : *out)
      if (one.changed == changed && one.value == value)
        return one;
    FAIL("it was not tried");
    return conditions_report{};
  };
  const auto usual = find("nothing", 0), far = find("latency_ms", 100),
             narrow = find("mbit_per_s", 1), lossy = find("loss", 0.05),
             dying = find("replaced_per_hour", 8);
  CHECK(usual.correct == usual.lookups);
  CHECK(usual.declared == usual.deaths);
  CHECK(usual.false_deaths == 0);
  CHECK(usual.answers_lost == 0);
  // Eight links, each 100 ms longer.
  CHECK(far.token_ms == doctest::Approx(usual.token_ms + 800).epsilon(0.001));
  CHECK(far.mean_latency_ms > usual.mean_latency_ms + 200);
  // Seven links, each 65.5 ms for a token of 8 KiB.
  CHECK(narrow.token_ms == doctest::Approx(usual.token_ms + 7 * 65.536 + 0.512).epsilon(0.01));
  CHECK(narrow.tokens_per_s == doctest::Approx(1000 / 65.536).epsilon(0.02));
  CHECK(narrow.prefill_ms > 60'000);
  CHECK(narrow.false_deaths == 0);
  CHECK(lossy.token_ms > 3 * usual.token_ms);
  CHECK(lossy.bytes_per_node_per_s > usual.bytes_per_node_per_s);
  CHECK(dying.answers_lost > 0.1);
  CHECK(dying.answers_lost < 0.5);
  CHECK(dying.deaths > usual.deaths);
}
