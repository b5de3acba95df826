#include "apps/dci-bench/measurement.hpp"

#include <algorithm>
#include <cstdio>

#include "runtime/base/json_codec.hpp"

namespace dci {

spread spread_of(std::vector<double> rounds) {
  std::ranges::sort(rounds);
  const auto half = rounds.size() / 2;
  spread out;
  out.median = rounds.size() % 2 == 1 ? rounds[half] : (rounds[half - 1] + rounds[half]) / 2;
  out.relative = (rounds.back() - rounds.front()) / out.median;
  return out;
}

void print(const measurement& m, bool as_json) {
  if (as_json) {
    std::puts(to_json_value(m).dump().c_str());
  } else {
    std::printf("%s of %u tokens, %s, %s (%s), %u threads: %.1f tokens/s (+-%.0f %%); reading "
                "%.1f GB/s",
                m.what.c_str(), m.tokens, m.model.c_str(), m.backend.c_str(),
                m.instructions.c_str(), m.threads, m.tokens_per_s, m.relative_spread * 50,
                m.read_gb_per_s);
    if (m.bandwidth_reached)
      std::printf(", %.0f %% of it reached", *m.bandwidth_reached * 100);
    std::puts("");
  }
  std::fflush(stdout);
}

} // namespace dci
