// Figures out of many measured values.
#pragma once

#include <vector>

namespace dci {

/// The middle of several rounds, and how far apart the best and the worst were.
struct spread {
  double median = 0;
  double relative = 0; ///< (best - worst) / median
};
/// Of at least one round.
spread spread_of(std::vector<double> rounds);
/// The value below which this share of them lies. Of at least one value.
double percentile(std::vector<double> values, double share);
/// 0 of none.
double mean(const std::vector<double>& values);

} // namespace dci
