#include "actors/device_profiler/profile.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace dci;
using namespace std::chrono_literals;

namespace {

constexpr node_time start{1h};
constexpr device_now is{4, 8'000'000'000};

} // namespace

TEST_CASE("a device's tier is what its speed says") {
  CHECK(tier_of(20) == device_tier::a);
  CHECK(tier_of(19.9) == device_tier::b);
  CHECK(tier_of(5) == device_tier::b);
  CHECK(tier_of(4.9) == device_tier::c);
  CHECK(tier_of(0) == device_tier::c);
  for (const auto tier : {device_tier::a, device_tier::b, device_tier::c})
    CHECK(parse_tier(to_string(tier)) == tier);
  CHECK_FALSE(parse_tier("D"));
}

TEST_CASE("a device measures itself first, when its cores change, and when that was long ago") {
  device_record known(30min);
  CHECK(known.wants_measurement(is, start));
  CHECK_FALSE(known.age(start));
  known.note({1, 3, 40, 0}, is, start);
  CHECK_FALSE(known.wants_measurement(is, start + 29min));
  CHECK(known.age(start + 29min) == 29min);
  CHECK(known.wants_measurement(is, start + 30min));
  CHECK(known.wants_measurement({2, is.memory_available}, start));
  CHECK_FALSE(known.wants_measurement({is.cores, 1}, start)); // memory is looked at anyway
}

TEST_CASE("a device says what was measured, and gives no more memory than its owner") {
  device_record known(30min);
  CHECK(known.figures(is, {}).memory_free_gb == 8);
  CHECK(known.figures(is, {}).tflops_f32 == 0);
  known.note({6, 18, 40, 90}, is, start);
  const auto all = known.figures(is, {});
  CHECK(all.tflops_f32 == 6);
  CHECK(all.tops_int8 == 18);
  CHECK(all.memory_gb_per_s == 40);
  CHECK(all.watts == 90);
  CHECK(all.tier == 1);
  CHECK(fault_of(all).empty());
  CHECK(known.figures(is, {true, 3}).memory_free_gb == 3);
  CHECK(known.figures({4, 2'000'000'000}, {true, 3}).memory_free_gb == 2);
}

TEST_CASE("what no device can be is named") {
  const auto fault = [](auto change) {
    device_figures d{6, 18, 40, 8, 90, 1};
    REQUIRE(fault_of(d).empty());
    change(d);
    return fault_of(d);
  };
  CHECK(fault([](auto& d) { d.tflops_f32 = std::nanf(""); }) == "an absurd speed");
  CHECK(fault([](auto& d) { d.tops_int8 = -1; }) == "an absurd speed");
  CHECK(fault([](auto& d) { d.memory_gb_per_s = INFINITY; }) == "an absurd memory");
  CHECK(fault([](auto& d) { d.memory_free_gb = 2e7f; }) == "an absurd memory");
  CHECK(fault([](auto& d) { d.watts = -1; }) == "an absurd power");
  CHECK(fault([](auto& d) { d.tier = 0; }) == "a tier that its speed does not bear out");
  CHECK(fault_of(owner_policy{true, 8}).empty());
  CHECK(fault_of(owner_policy{true, -1}) == "an absurd memory");
}
