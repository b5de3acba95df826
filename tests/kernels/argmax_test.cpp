#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensors/kernels/argmax.hpp"
#include "tensors/kernels/targets.hpp"
#include "tests/kernels/random_numbers.hpp"

using namespace dci::kernels;

TEST_CASE("the largest number is found wherever it stands, the first of equals") {
  for (const auto& target : supported_targets()) {
    CAPTURE(target);
    REQUIRE(use_target(target));
    for (const std::size_t count : {1u, 5u, 64u, 1000u})
      for (const std::size_t at : {std::size_t{0}, count / 2, count - 1}) {
        auto x = test::random_numbers(3).many(count);
        x[at] = 7;
        CHECK(largest_of(x.data(), count).index == at);
        CHECK(largest_of(x.data(), count).value == 7);
        x[count - 1] = 7;
        CHECK(largest_of(x.data(), count).index == at);
        x[at] = std::nanf("");
        CHECK(std::isnan(largest_of(x.data(), count).value));
      }
    const std::vector<float> lowest(70, -std::numeric_limits<float>::infinity());
    CHECK(largest_of(lowest.data(), lowest.size()).index == 0);
  }
  use_target(supported_targets().front());
}
