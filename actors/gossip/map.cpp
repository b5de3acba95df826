#include "actors/gossip/map.hpp"

#include <algorithm>
#include <unordered_map>

#include "actors/proximity_prober/composite_score.hpp"
#include "net/endpoint.hpp"

namespace dci {
namespace {

double in_seconds(node_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

mapped_link mapped(const link_figures& link, std::uint32_t peer, double report_age_s,
                   const proximity_weights& weights) {
  mapped_link out;
  out.peer = peer;
  out.round_trip_ms = link.round_trip_ms;
  if (link.mbit_per_s == 0)
    return out;
  out.mbit_per_s = link.mbit_per_s;
  out.at_least = link.at_least;
  out.mbit_age_s = report_age_s + link.mbit_age_s;
  out.mbit_confidence = link.mbit_confidence / 100.0;
  out.narrow = is_narrow(weights, link.mbit_per_s, link.at_least);
  return out;
}

} // namespace

network_map map_of(const report_store& reports, double least_mbit_per_s, node_time now) {
  proximity_weights weights;
  weights.least_bandwidth_mbit = least_mbit_per_s;
  auto all = reports.peers();
  all.insert(all.begin(), reports.self());
  std::unordered_map<node_mark, std::uint32_t> places;
  for (std::uint32_t i = 0; i < all.size(); ++i)
    places.emplace(mark_of(all[i].id), i);
  network_map out;
  out.least_mbit_per_s = least_mbit_per_s;
  for (const auto& node : all) {
    auto& row = out.nodes.emplace_back();
    row.id = to_string(node.id);
    row.address = to_string(node.where);
    const auto* known = reports.find(node.id);
    if (known == nullptr)
      continue;
    row.reported = true;
    row.age_s = in_seconds(now - known->made);
    row.place = known->report->place;
    row.device = known->report->device;
    row.policy = known->report->policy;
    row.host = known->report->host;
    for (const auto& link : known->report->nearest)
      if (const auto peer = places.find(link.peer); peer != places.end())
        row.nearest.push_back(mapped(link, peer->second, row.age_s, weights));
  }
  return out;
}

proximity_matrix::proximity_matrix(const network_map& map) : map_(&map) {
}

const mapped_link* proximity_matrix::reported(std::size_t from, std::size_t to) const {
  const auto& row = map_->nodes[from].nearest;
  const auto found = std::ranges::find(row, to, &mapped_link::peer);
  return found == row.end() ? nullptr : &*found;
}

std::optional<matrix_cell> proximity_matrix::at(std::size_t from, std::size_t to) const {
  if (from == to)
    return {};
  for (const auto* link : {reported(from, to), reported(to, from)})
    if (link != nullptr)
      return matrix_cell{link->round_trip_ms, false};
  const auto &a = map_->nodes[from].place, &b = map_->nodes[to].place;
  if (a.error >= 1 || b.error >= 1)
    return {}; // one of them knows nothing yet
  return matrix_cell{in_seconds(guessed_round_trip(a, b)) * 1e3, true};
}

std::optional<bandwidth_cell> proximity_matrix::bandwidth_at(std::size_t from,
                                                             std::size_t to) const {
  const auto* link = from == to ? nullptr : reported(from, to);
  if (link == nullptr || link->mbit_per_s == 0)
    return {};
  return bandwidth_cell{link->mbit_per_s, link->at_least, link->narrow};
}

} // namespace dci
