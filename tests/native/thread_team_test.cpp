#include <doctest/doctest.h>

#include <numeric>

#include "tensors/native/thread_team.hpp"

using namespace dci;

TEST_CASE("shares are contiguous, nearly equal, and leave nothing out") {
  for (const std::uint32_t total : {0u, 1u, 7u, 64u})
    for (const std::uint32_t parts : {1u, 2u, 3u, 16u}) {
      std::uint32_t next = 0;
      for (std::uint32_t i = 0; i < parts; ++i) {
        const auto share = share_of(total, i, parts);
        CHECK(share.first == next);
        CHECK(share.last - share.first <= total / parts + 1);
        next = share.last;
      }
      CHECK(next == total);
    }
}

TEST_CASE("everything before a barrier is seen after it") {
  for (const std::uint32_t size : {1u, 2u, 5u}) {
    CAPTURE(size);
    thread_team team(size);
    std::vector<int> numbers(size), sums(size);
    for (int run = 1; run <= 50; ++run) {
      team.run([&](std::uint32_t index) {
        for (int round = 0; round < 20; ++round) {
          numbers[index] = run * 1000 + round + static_cast<int>(index);
          team.barrier();
          sums[index] = std::accumulate(numbers.begin(), numbers.end(), 0);
          team.barrier();
        }
      });
      for (const auto sum : sums)
        REQUIRE(sum == sums[0]);
      REQUIRE(sums[0] == std::accumulate(numbers.begin(), numbers.end(), 0));
    }
  }
}

TEST_CASE("a team ends whether it has worked or not") {
  for (int i = 0; i < 100; ++i)
    thread_team(3);
}
