#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

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

TEST_CASE("whoever is told to stand by does the next run, soon or late") {
  thread_team team(3);
  for (const std::chrono::microseconds pause :
       {std::chrono::microseconds{0}, std::chrono::microseconds{300},
        std::chrono::microseconds{2000}})
    for (int i = 0; i < 20; ++i) {
      team.stand_by();
      const auto end = std::chrono::steady_clock::now() + pause;
      while (std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
      std::atomic<int> worked = 0;
      team.run([&](std::uint32_t) { ++worked; });
      REQUIRE(worked == 3);
    }
}
