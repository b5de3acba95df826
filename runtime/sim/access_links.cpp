#include "runtime/sim/access_links.hpp"

#include <algorithm>
#include <cmath>

namespace dci {

access_links::access_links(std::uint32_t nodes, random_source random) : links_(nodes) {
  constexpr double median_up = 20, deviation = 1.2, most_times_down = 10;
  for (auto& one : links_) {
    one.up = median_up * std::exp(deviation * random.normal());
    one.down = one.up * std::pow(most_times_down, random.uniform());
  }
}

double access_links::mbit_per_s(std::uint32_t from, std::uint32_t to) const {
  return std::min(links_[from].up, links_[to].down);
}

} // namespace dci
