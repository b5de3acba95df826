#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "runtime/base/hidden_random.hpp"
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

TEST_CASE("hidden numbers are those of SipHash, and do not run on as others do") {
  // The published vector: the key 00 01 ... 0f, of 00 01 ... 07.
  const hidden_random vector(0x0706050403020100u, 0x0f0e0d0c0b0a0908u);
  CHECK(vector.of(0x0706050403020100u) == 0x93f5f5799a932462u);
  hidden_random a(random_source(7)), b(random_source(7)), other(random_source(8));
  const auto first = a.next(), second = a.next();
  CHECK(first == b.next());
  CHECK(first != other.next());
  // From a number of the usual source, its next one; SplitMix64 mixes its state in a way that can
  // be undone.
  const auto undo = [](std::uint64_t z) {
    const auto unshift = [](std::uint64_t x, int by) {
      auto out = x;
      for (int i = 0; i < 64 / by; ++i)
        out = x ^ (out >> by);
      return out;
    };
    z = unshift(z, 31) * 0x319642b2d24d8ec3u;
    z = unshift(z, 27) * 0x96de1b173f119089u;
    return unshift(z, 30);
  };
  random_source usual(7);
  const auto seen = usual.next();
  CHECK(random_source(undo(seen)).next() == usual.next());
  CHECK(random_source(undo(first)).next() != second);
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
