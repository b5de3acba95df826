#include "actors/proximity_prober/table.hpp"

#include "net/endpoint.hpp"

namespace dci {
namespace {

double ms(node_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

link_measured row_of(const measured_link& from, const network_place& own,
                     const proximity_weights& weights, node_time now) {
  link_measured out;
  out.id = to_string(from.peer.id);
  out.address = to_string(from.peer.where);
  out.echoes = from.echoes;
  out.seen = from.seen;
  out.loss = from.loss;
  const auto guess = guessed_round_trip(own, from.place);
  out.guessed_ms = ms(guess);
  if (from.is_measured()) {
    out.round_trip_ms = ms(from.round_trip);
    out.least_ms = ms(from.least);
    out.jitter_ms = ms(from.jitter);
    out.age_s = ms(now - from.measured) / 1000;
  }
  std::optional<double> bandwidth;
  if (const auto& known = from.bandwidth) {
    bandwidth = out.mbit_per_s = known->estimate.mbit_per_s;
    out.at_least = known->estimate.at_least;
    out.mbit_age_s = ms(now - known->measured) / 1000;
    out.mbit_confidence = known->confidence;
    out.narrow = is_narrow(weights, out.mbit_per_s, out.at_least);
  }
  out.score = composite_score(weights, from.is_measured() ? from.round_trip : guess, bandwidth);
  return out;
}

} // namespace

proximity_description describe(const prober& machine, const proximity_weights& weights,
                               node_time now) {
  proximity_description out{machine.place(), weights.least_bandwidth_mbit, {}};
  for (const auto& one : machine.links())
    out.links.push_back(row_of(one, machine.place(), weights, now));
  return out;
}

} // namespace dci
