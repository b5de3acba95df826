// The device profiler as an actor, measuring the machine that runs the test.
#include <doctest/doctest.h>

#include "tests/actors/link/link_world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("a device profiler measures once, and again when it is asked to") {
  link_world w;
  const auto first = w.get<device_profile>(w.profiler, device_profile_request{});
  CHECK(first.device.tflops_f32 > 0);
  CHECK(first.device.tops_int8 > 0);
  CHECK(first.device.memory_gb_per_s > 0);
  CHECK(first.device.memory_free_gb > 0);
  CHECK(first.cores > 0);
  CHECK(fault_of(first.device).empty());
  CHECK(first.tier == to_string(tier_of(first.device.tflops_f32)));
  const auto second = w.get<device_profile>(w.profiler, device_profile_request{});
  CHECK(second.device.tflops_f32 == first.device.tflops_f32);
  CHECK(second.age_s > first.age_s);
  const auto third = w.get<device_profile>(w.profiler, device_measure_request{});
  CHECK(third.age_s < second.age_s);
}

TEST_CASE("an owner changes what his device does while it runs") {
  link_world w;
  const auto said = w.get<device_profile>(w.profiler, owner_policy_request{{false, 0.001f}});
  CHECK_FALSE(said.policy.takes_work);
  CHECK(said.device.memory_free_gb == 0.001f);
  check_error(w.call<device_profile>(w.profiler, owner_policy_request{{true, -1}}),
              errc::bad_request, {"absurd memory"});
  const auto still = w.get<device_profile>(w.profiler, device_profile_request{});
  CHECK_FALSE(still.policy.takes_work);
}

TEST_CASE("a device profiler refuses settings that cannot be") {
  link_world w;
  for (const auto& wrong : {json{{"measure_ms", 0}}, json{{"measure_ms", 10'001}},
                            json{{"watts", -1}}, json{{"memory_gb", -1}}})
    CHECK(w.why_it_ended("device_profiler", wrong).find("must be from") != std::string::npos);
}
