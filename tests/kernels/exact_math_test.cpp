#include <doctest/doctest.h>

#include <cmath>

#include "tensors/kernels/exact_math.hpp"

using namespace dci::kernels;

TEST_CASE("sines and cosines agree with the C library's to 1e-15") {
  for (const double scale : {1e-3, 1.0, 1e3, 1e6})
    for (int i = -1000; i <= 1000; ++i) {
      const double x = scale * i * 0.7310585786300049;
      const auto turn = sine_and_cosine(x);
      REQUIRE(std::abs(turn.sine - std::sin(x)) < 1e-15);
      REQUIRE(std::abs(turn.cosine - std::cos(x)) < 1e-15);
    }
}

TEST_CASE("powers agree with the C library's") {
  for (const double base : {0.5, 1.0, 1.5, 10000.0, 500000.0, 1e6})
    for (int i = -20; i <= 20; ++i) {
      const double exact = std::pow(base, i / 20.0);
      REQUIRE(std::abs(power(base, i / 20.0) - exact) <= 1e-14 * exact);
    }
}
