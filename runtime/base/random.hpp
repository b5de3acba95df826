// Numbers drawn from a seed. Whoever draws is given one of these: nothing in
// the pure parts asks the machine for randomness, so a seed repeats a run.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

namespace dci {

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): eight bytes of state, so that a
/// simulated node costs nothing. Not for secrets.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {
  }

  std::uint64_t next() {
    auto z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// A whole number below `end`, which is at least 1.
  std::uint64_t below(std::uint64_t end) {
    // Those that would make the low numbers likelier are drawn again.
    const auto uneven = (0 - end) % end;
    auto drawn = next();
    while (drawn < uneven)
      drawn = next();
    return drawn % end;
  }
  /// In [0, 1).
  double uniform() {
    return static_cast<double>(next() >> 11) * 0x1p-53;
  }
  bool chance(double probability) {
    return uniform() < probability;
  }
  /// How long until the next of events that come once in `mean` on average.
  double exponential(double mean) {
    return -mean * std::log1p(-uniform());
  }
  /// Mean 0, deviation 1 (Box and Muller).
  double normal() {
    constexpr double turn = 6.283185307179586;
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(turn * uniform());
  }
  /// A source of its own, for what must not change the draws of this one.
  random_source fork() {
    return random_source(next());
  }
  template <class Range>
  void shuffle(Range& range) {
    for (std::size_t i = range.size(); i > 1; --i)
      std::swap(range[i - 1], range[below(i)]);
  }

 private:
  std::uint64_t state_;
};

} // namespace dci
