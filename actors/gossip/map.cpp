#include "actors/gossip/map.hpp"

#include <algorithm>
#include <unordered_map>

#include "net/endpoint.hpp"

namespace dci {
namespace {

double in_seconds(node_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

network_map map_of(const report_store& reports, node_time now) {
  auto all = reports.peers();
  all.insert(all.begin(), reports.self());
  std::unordered_map<node_mark, std::uint32_t> places;
  for (std::uint32_t i = 0; i < all.size(); ++i)
    places.emplace(mark_of(all[i].id), i);
  network_map out;
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
    for (const auto& link : known->report->nearest)
      if (const auto peer = places.find(link.peer); peer != places.end())
        row.nearest.push_back({peer->second, link.round_trip_ms, link.mbit_per_s});
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
      return matrix_cell{link->round_trip_ms, link->mbit_per_s, false};
  const auto &a = map_->nodes[from].place, &b = map_->nodes[to].place;
  if (a.error >= 1 || b.error >= 1)
    return {}; // one of them knows nothing yet
  return matrix_cell{in_seconds(guessed_round_trip(a, b)) * 1e3, 0, true};
}

} // namespace dci
