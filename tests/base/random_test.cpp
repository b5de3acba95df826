#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/base/statistics.hpp"

using namespace dci;

TEST_CASE("a seed repeats what is drawn, and a fork draws something else") {
  random_source a(7), b(7), other(8);
  const auto first = a.next();
  CHECK(first == b.next());
  CHECK(first != other.next());
  auto fork = a.fork();
  CHECK(fork.next() != a.next());
  // The published generator's first number for seed 0.
  CHECK(random_source(0).next() == 0xe220a8397b1dcdafu);
}

TEST_CASE("numbers are evenly spread") {
  random_source random(1);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i)
    ++counts[random.below(7)];
  for (const auto count : counts)
    CHECK(std::abs(count - 10'000) < 500);
  std::vector<double> waits, normals, uniforms;
  for (int i = 0; i < 100'000; ++i) {
    waits.push_back(random.exponential(3));
    normals.push_back(random.normal());
    uniforms.push_back(random.uniform());
  }
  CHECK(mean(waits) == doctest::Approx(3).epsilon(0.02));
  CHECK(std::abs(mean(normals)) < 0.02);
  CHECK(percentile(normals, 0.8413) == doctest::Approx(1).epsilon(0.03));
  CHECK(*std::ranges::max_element(uniforms) < 1);
  CHECK(*std::ranges::min_element(uniforms) >= 0);
}

TEST_CASE("shuffling keeps all and moves them") {
  std::vector<int> list(100);
  std::iota(list.begin(), list.end(), 0);
  const auto before = list;
  random_source(3).shuffle(list);
  CHECK(list != before);
  std::ranges::sort(list);
  CHECK(list == before);
}

TEST_CASE("medians, percentiles and means") {
  CHECK(spread_of({3, 1, 2}).median == 2);
  CHECK(spread_of({4, 1, 2, 3}).median == 2.5);
  CHECK(spread_of({1, 2, 3}).relative == 1);
  CHECK(percentile({5, 1, 3, 2, 4}, 0.5) == 3);
  CHECK(percentile({5, 1, 3, 2, 4}, 1) == 5);
  CHECK(mean({}) == 0);
  CHECK(mean({1, 2, 6}) == 3);
}
