#include "actors/gossip/nearest_links.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dci {
namespace {

link_figures figures_of(const link_measured& row, const node_id& peer) {
  link_figures out{mark_of(peer), static_cast<float>(row.round_trip_ms), 0, 0, 0, false};
  if (row.mbit_per_s == 0)
    return out;
  out.mbit_per_s = static_cast<float>(row.mbit_per_s);
  constexpr double oldest = std::numeric_limits<std::uint16_t>::max();
  out.mbit_age_s = static_cast<std::uint16_t>(std::clamp(row.mbit_age_s, 0.0, oldest));
  out.mbit_confidence =
      static_cast<std::uint8_t>(std::lround(100 * std::clamp(row.mbit_confidence, 0.0, 1.0)));
  out.at_least = row.at_least;
  return out;
}

} // namespace

std::vector<link_of_age> links_of(const proximity_description& measured) {
  std::vector<link_of_age> out;
  for (const auto& row : measured.links)
    if (const auto id = parse_node_id(row.id); row.echoes + row.seen > 0 && id)
      out.push_back(
          {figures_of(row, *id), node_clock::duration(static_cast<std::int64_t>(row.age_s * 1e6))});
  return out;
}

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
