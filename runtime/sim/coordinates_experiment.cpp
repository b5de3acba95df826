#include "runtime/sim/coordinates_experiment.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "runtime/base/statistics.hpp"

namespace dci {

expected<coordinates_report> run_coordinates(const coordinates_options& options) {
  DCI_ASSIGN(const auto network, open_network(options.scene));
  const auto nodes = network->size();
  random_source random(options.scene.seed);
  const auto round_trip = [&](std::uint32_t a, std::uint32_t b) {
    return 2 * network->one_way(a, b);
  };
  std::vector<std::vector<std::uint32_t>> neighbours(nodes);
  const auto most = std::min(options.neighbours, nodes - 1);
  for (std::uint32_t n = 0; n < nodes; ++n) {
    std::set<std::uint32_t> drawn;
    while (drawn.size() < most)
      if (const auto other = static_cast<std::uint32_t>(random.below(nodes)); other != n)
        drawn.insert(other);
    neighbours[n].assign(drawn.begin(), drawn.end());
  }
  std::vector<network_place> places(nodes);
  for (std::uint32_t i = 0; i < options.measurements; ++i)
    for (std::uint32_t n = 0; n < nodes; ++n) {
      const auto other = neighbours[n][random.below(most)];
      adjust(places[n], places[other], round_trip(n, other), options.coordinates, random);
    }

  std::vector<double> errors, of_measured;
  for (std::uint32_t a = 0; a < nodes; ++a)
    for (std::uint32_t b = 0; b < nodes; ++b) {
      if (a == b)
        continue;
      const auto is = static_cast<double>(round_trip(a, b).count());
      const auto guess = static_cast<double>(guessed_round_trip(places[a], places[b]).count());
      errors.push_back(std::abs(guess - is) / is);
      if (std::ranges::binary_search(neighbours[a], b))
        of_measured.push_back(errors.back());
    }
  coordinates_report out;
  out.network = name_of(options.scene);
  out.nodes = nodes;
  out.seed = options.scene.seed;
  out.neighbours = most;
  out.measurements = options.measurements;
  out.median_relative_error = percentile(errors, 0.5);
  out.p90_relative_error = percentile(errors, 0.9);
  out.median_of_measured = percentile(of_measured, 0.5);
  return out;
}

} // namespace dci
