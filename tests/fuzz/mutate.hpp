// Random damage to an input, for the standalone fuzz driver.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace dci::fuzz {

/// The same seed gives the same inputs, on every machine.
class mutator {
 public:
  /// Inputs never grow beyond max_bytes.
  mutator(std::uint64_t seed, std::size_t max_bytes);

  /// One of the corpus (never empty) with one to six changes: bits and bytes, pieces cut, doubled,
  /// moved or spliced from another input, numbers pushed to extremes, punctuation, broken UTF-8,
  /// deep nesting.
  std::string next(const std::vector<std::string>& corpus);

 private:
  /// Below n, or 0 for n = 0.
  std::size_t below(std::size_t n);
  void change(std::string& s, const std::vector<std::string>& corpus);
  void number_to_extreme(std::string& s);
  void integer_to_extreme(std::string& s);

  std::mt19937_64 random_;
  std::size_t max_bytes_;
};

} // namespace dci::fuzz
