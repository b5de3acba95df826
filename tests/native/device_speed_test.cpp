#include "tensors/native/device_speed.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace std::chrono_literals;

TEST_CASE("a machine's speed is measured, and is that of a machine") {
  for (const auto threads : {1u, 0u}) {
    const auto is = measure_device_speed(threads, 5ms);
    CAPTURE(is.tflops_f32);
    CAPTURE(is.tops_int8);
    CAPTURE(is.memory_gb_per_s);
    // Between a sanitized build on a poor machine and more than any processor has.
    CHECK(is.tflops_f32 > 1e-6);
    CHECK(is.tflops_f32 < 100);
    CHECK(is.tops_int8 > 1e-6);
    CHECK(is.tops_int8 < 1000);
    CHECK(is.memory_gb_per_s > 0.01);
    CHECK(is.memory_gb_per_s < 10'000);
  }
}
