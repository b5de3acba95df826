#include "actors/ring_former/formation.hpp"

#include <cmath>
#include <limits>

#include "actors/gossip/map.hpp"
#include "actors/proximity_prober/composite_score.hpp"
#include "actors/ring_former/ring_choice.hpp"

namespace dci {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

result check(const form_ring_request& wanted) {
  const auto bad = [](const char* what) { return fail(errc::bad_request, what); };
  if (wanted.stages == 0)
    return bad("a ring has at least one stage");
  if (wanted.stages > most_ring_stages)
    return fail(errc::bad_request, "a ring of " + std::to_string(wanted.stages) +
                                       " stages: there are at most " +
                                       std::to_string(most_ring_stages));
  if (!(wanted.alpha >= 0 && wanted.alpha <= 1))
    return bad("alpha must be from 0 to 1");
  if (!(wanted.least_mbit_per_s >= 0) || !(wanted.least_memory_gb >= 0))
    return bad("what is least must not be below 0");
  if (!parse_tier(wanted.lowest_tier))
    return bad("lowest_tier must be A, B or C");
  return {};
}

bool can_be_stage(const mapped_node& one, const form_ring_request& wanted) {
  return one.reported && !one.host.empty() && one.policy.takes_work &&
         one.device.memory_free_gb >= wanted.least_memory_gb &&
         device_tier{one.device.tier} <= *parse_tier(wanted.lowest_tier);
}

double cost_of(const proximity_matrix& far, std::size_t from, std::size_t to,
               const proximity_weights& weights) {
  const auto way = far.at(from, to);
  if (!way)
    return never;
  const auto width = far.bandwidth_at(from, to);
  if (width && is_narrow(weights, width->mbit_per_s, width->at_least))
    return never;
  const auto time = std::chrono::microseconds(std::llround(way->round_trip_ms * 1000));
  return 1 -
         composite_score(weights, time, width ? std::optional{width->mbit_per_s} : std::nullopt);
}

ring_member member_of(const network_map& map, const proximity_matrix& far, std::size_t node,
                      std::size_t next) {
  const auto& is = map.nodes[node];
  ring_member out{is.id, is.host, {}, is.device.memory_free_gb, 0, false, 0};
  if (const auto way = far.at(node, next)) {
    out.round_trip_ms = way->round_trip_ms;
    out.is_guess = way->is_guess;
  }
  if (const auto width = far.bandwidth_at(node, next))
    out.mbit_per_s = width->mbit_per_s;
  return out;
}

} // namespace

expected<formed_ring> form_ring(const network_map& map, const form_ring_request& wanted,
                                const may_serve& allowed, random_source random) {
  DCI_TRY(check(wanted));
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < map.nodes.size(); ++i)
    if (can_be_stage(map.nodes[i], wanted) && allowed(map.nodes[i].id))
      candidates.push_back(i);
  if (candidates.size() < wanted.stages)
    return fail(
        errc::not_found,
        "of " + std::to_string(map.nodes.size()) + " nodes that are known " +
            std::to_string(candidates.size()) + " can be stages, and the ring has " +
            std::to_string(wanted.stages) +
            ": a stage is of this trust domain, has reported, has a host that listens, and its "
            "owner takes work");
  if (candidates.size() > most_ring_candidates)
    candidates.resize(most_ring_candidates);
  const proximity_matrix far(map);
  proximity_weights weights;
  weights.alpha = wanted.alpha;
  weights.least_bandwidth_mbit = wanted.least_mbit_per_s;
  const link_costs costs(static_cast<std::uint32_t>(candidates.size()),
                         [&](std::uint32_t from, std::uint32_t to) {
                           return cost_of(far, candidates[from], candidates[to], weights);
                         });
  DCI_ASSIGN(const auto chosen, choose_ring(costs, wanted.stages, random));
  formed_ring out;
  out.candidates = static_cast<std::uint32_t>(candidates.size());
  for (std::size_t i = 0; i < chosen.size(); ++i)
    out.members.push_back(
        member_of(map, far, candidates[chosen[i]], candidates[chosen[(i + 1) % chosen.size()]]));
  out.latency_ms = latency_of(out.members);
  return out;
}

double latency_of(const std::vector<ring_member>& members) {
  double out = 0;
  for (const auto& one : members)
    out += one.round_trip_ms / 2;
  return out;
}

} // namespace dci
