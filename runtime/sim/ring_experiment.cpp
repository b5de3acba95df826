#include "runtime/sim/ring_experiment.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "actors/proximity_prober/composite_score.hpp"
#include "actors/proximity_prober/coordinates.hpp"
#include "actors/ring_former/ring_choice.hpp"

namespace dci {

namespace {

using cost_function = std::function<double(std::uint32_t, std::uint32_t)>;

double ms_of(node_clock::duration time) {
  return static_cast<double>(time.count()) / 1e3;
}

// Where nodes come to think that they are.
std::vector<network_place> settle(const sim_network& network, random_source& random) {
  std::vector<network_place> places(network.size());
  for (int i = 0; i < 400; ++i)
    for (std::uint32_t n = 0; n < network.size(); ++n)
      if (const auto other = static_cast<std::uint32_t>(random.below(network.size())); other != n)
        adjust(places[n], places[other], 2 * network.one_way(n, other), {}, random);
  return places;
}

expected<ring_report> choose(const ring_options& options, const sim_network& network,
                             std::string chosen_by, const cost_function& cost) {
  random_source random(options.scene.seed);
  ring_report out;
  out.network = name_of(options.scene);
  out.chosen_by = std::move(chosen_by);
  out.nodes = network.size();
  out.stages = options.stages;
  out.candidates = std::min(options.candidates, network.size());
  out.rounds = options.rounds;
  out.seed = options.scene.seed;
  if (out.candidates <= most_candidates_exact)
    out.above_exact = out.worst_above_exact = 0;
  std::vector<std::uint32_t> all(network.size());
  std::iota(all.begin(), all.end(), 0u);
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    random.shuffle(all);
    const link_costs real(out.candidates, [&](std::uint32_t a, std::uint32_t b) {
      return ms_of(network.one_way(all[a], all[b]));
    });
    const link_costs seen(out.candidates,
                          [&](std::uint32_t a, std::uint32_t b) { return cost(all[a], all[b]); });
    DCI_ASSIGN(const auto ring, choose_ring(seen, options.stages, random.fork()));
    // The candidates came in a random order.
    std::vector<std::uint32_t> any(options.stages);
    std::iota(any.begin(), any.end(), 0u);
    const auto length = real.around(ring);
    out.ring_latency_ms += length / options.rounds;
    out.random_ring_latency_ms += real.around(any) / options.rounds;
    if (!out.above_exact)
      continue;
    DCI_ASSIGN(const auto best, exact_ring(real, options.stages));
    const auto above = length / real.around(best) - 1;
    *out.above_exact += above / options.rounds;
    *out.worst_above_exact = std::max(*out.worst_above_exact, above);
  }
  out.below_random = 1 - out.ring_latency_ms / out.random_ring_latency_ms;
  return out;
}

} // namespace

expected<std::vector<ring_report>> run_ring(const ring_options& options) {
  if (options.rounds == 0)
    return fail(errc::bad_config, "no rounds: at least one is needed");
  DCI_ASSIGN(const auto network, open_network(options.scene));
  random_source random(options.scene.seed);
  const auto places = settle(*network, random);
  std::vector<ring_report> out;
  const auto add = [&](std::string name, const cost_function& cost) -> result {
    DCI_ASSIGN(auto report, choose(options, *network, std::move(name), cost));
    out.push_back(std::move(report));
    return {};
  };
  DCI_TRY(add("latency",
              [&](std::uint32_t a, std::uint32_t b) { return ms_of(network->one_way(a, b)); }));
  DCI_TRY(add("score", [&](std::uint32_t a, std::uint32_t b) {
    return 1 - composite_score({}, 2 * network->one_way(a, b), {});
  }));
  DCI_TRY(add("coordinates", [&](std::uint32_t a, std::uint32_t b) {
    return ms_of(guessed_round_trip(places[a], places[b]));
  }));
  return out;
}

} // namespace dci
