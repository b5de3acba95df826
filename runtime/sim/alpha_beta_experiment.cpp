#include "runtime/sim/alpha_beta_experiment.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "actors/proximity_prober/composite_score.hpp"
#include "actors/ring_former/ring_choice.hpp"
#include "runtime/sim/access_links.hpp"

namespace dci {

namespace {

constexpr double closing_bytes = 64; // tokens, from the last stage to the first
constexpr double infinite = std::numeric_limits<double>::infinity();

using ring = std::vector<std::uint32_t>;

struct links {
  const sim_network& network;
  access_links access;

  double one_way_ms(std::uint32_t a, std::uint32_t b) const {
    return static_cast<double>(network.one_way(a, b).count()) / 1e3;
  }
  double bytes_ms(std::uint32_t a, std::uint32_t b, double bytes) const {
    return bytes * 8 / (access.mbit_per_s(a, b) * 1e3);
  }
  double edge_ms(std::uint32_t a, std::uint32_t b, double bytes) const {
    return one_way_ms(a, b) + bytes_ms(a, b, bytes);
  }
};

struct ring_time {
  double around_ms = 0, slowest_ms = 0;
};

ring_time time_of(const links& all, const ring& members, double bytes) {
  ring_time out;
  if (members.size() < 2)
    return out;
  const auto next = [&](std::size_t i) { return members[(i + 1) % members.size()]; };
  std::size_t closing = 0;
  for (std::size_t i = 1; i < members.size(); ++i)
    if (all.bytes_ms(members[i], next(i), 1) > all.bytes_ms(members[closing], next(closing), 1))
      closing = i;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto edge = all.edge_ms(members[i], next(i), i == closing ? closing_bytes : bytes);
    out.around_ms += edge;
    out.slowest_ms = std::max(out.slowest_ms, edge);
  }
  return out;
}

struct rule {
  std::string name;
  std::optional<double> alpha;
  double least_mbit = 0;
  /// Of a link between two nodes; none: any ring will do.
  std::function<double(std::uint32_t, std::uint32_t)> cost;
};

rule by_score(const links& all, double alpha, double least_mbit) {
  const auto cost = [&all, alpha, least_mbit](std::uint32_t a, std::uint32_t b) {
    const auto mbit = all.access.mbit_per_s(a, b);
    const auto round_trip = 2 * all.network.one_way(a, b);
    return mbit < least_mbit ? infinite : 1 - composite_score({.alpha = alpha}, round_trip, mbit);
  };
  return {"score", alpha, least_mbit, cost};
}

rule by_time(const links& all, std::string name, double bytes) {
  return {std::move(name), {}, 0, [&all, bytes](std::uint32_t a, std::uint32_t b) {
            return all.edge_ms(a, b, bytes);
          }};
}

expected<alpha_beta_report> measure(const alpha_beta_options& options, const links& all,
                                    const rule& how) {
  random_source random(options.scene.seed);
  alpha_beta_report out;
  out.network = name_of(options.scene);
  out.chosen_by = how.name;
  out.alpha = how.alpha;
  out.least_mbit = how.least_mbit;
  out.nodes = all.network.size();
  out.stages = options.stages;
  out.candidates = std::min(options.candidates, out.nodes);
  out.rounds = options.rounds;
  out.seed = options.scene.seed;
  const double position = 4.0 * options.hidden;
  std::vector<std::uint32_t> drawn(out.nodes);
  std::iota(drawn.begin(), drawn.end(), 0u);
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    random.shuffle(drawn);
    const auto luck = random.fork();
    ring chosen(drawn.begin(), drawn.begin() + std::min(options.stages, out.candidates));
    if (how.cost) {
      const link_costs costs(out.candidates, [&](std::uint32_t a, std::uint32_t b) {
        return how.cost(drawn[a], drawn[b]);
      });
      auto found = choose_ring(costs, options.stages, luck);
      if (!found && found.error().code == errc::not_found)
        continue; // every ring has a link that is too narrow
      DCI_ASSIGN(const auto places, std::move(found));
      std::ranges::transform(places, chosen.begin(), [&](std::uint32_t i) { return drawn[i]; });
    }
    ++out.formed;
    out.decode_ms += time_of(all, chosen, position).around_ms;
    const auto prefill = time_of(all, chosen, position * options.prompt);
    out.prefill_ms += prefill.around_ms;
    out.slowest_edge_ms += prefill.slowest_ms;
  }
  for (auto* sum : {&out.decode_ms, &out.prefill_ms, &out.slowest_edge_ms})
    *sum /= std::max(1u, out.formed);
  return out;
}

} // namespace

expected<std::vector<alpha_beta_report>> run_alpha_beta(const alpha_beta_options& options) {
  if (options.rounds == 0 || options.steps == 0)
    return fail(errc::bad_config, "no rounds or no steps: at least one of each is needed");
  if (!(options.least_mbit >= 0))
    return fail(errc::bad_config, "the least bandwidth must not be below 0");
  DCI_ASSIGN(const auto network, open_network(options.scene));
  // Not the source that draws the network.
  const links all{*network, {network->size(), random_source(~options.scene.seed)}};
  const double position = 4.0 * options.hidden;
  std::vector<rule> rules{{"chance", {}, 0, {}},
                          by_time(all, "decode time", position),
                          by_time(all, "prefill time", position * options.prompt)};
  std::vector<double> thresholds{0};
  if (options.least_mbit > 0)
    thresholds.push_back(options.least_mbit);
  for (const auto least : thresholds)
    for (std::uint32_t step = 0; step <= options.steps; ++step)
      rules.push_back(by_score(all, static_cast<double>(step) / options.steps, least));
  std::vector<alpha_beta_report> out;
  for (const auto& how : rules) {
    DCI_ASSIGN(auto report, measure(options, all, how));
    out.push_back(std::move(report));
  }
  return out;
}

} // namespace dci
