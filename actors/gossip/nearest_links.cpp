#include "actors/gossip/nearest_links.hpp"

#include <algorithm>

namespace dci {

std::vector<link_figures> nearest_links(const std::vector<link_of_age>& measured,
                                        const gossip_settings& settings) {
  std::vector<link_figures> out;
  for (const auto& one : measured)
    if (one.age <= settings.oldest_link)
      out.push_back(one.figures);
  std::ranges::sort(out, {}, &link_figures::round_trip_ms);
  out.resize(std::min<std::size_t>(out.size(), settings.most_links));
  return out;
}

} // namespace dci
