#include "runtime/base/statistics.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace dci {

spread spread_of(std::vector<double> rounds) {
  std::ranges::sort(rounds);
  const auto half = rounds.size() / 2;
  spread out;
  out.median = rounds.size() % 2 == 1 ? rounds[half] : (rounds[half - 1] + rounds[half]) / 2;
  out.relative = (rounds.back() - rounds.front()) / out.median;
  return out;
}

double percentile(std::vector<double> values, double share) {
  const auto at = std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

} // namespace dci
