#include "runtime/sim/gossip_experiment.hpp"

#include <algorithm>
#include <filesystem>

#include "runtime/base/statistics.hpp"
#include "runtime/sim/gossip_world.hpp"

namespace dci {

namespace {

using std::chrono::seconds;

double seconds_of(node_clock::duration time) {
  return static_cast<double>(time.count()) / 1e6;
}

constexpr seconds come_within{10}, look_every{10};
constexpr std::chrono::minutes longest_beginning{10};

void begin(gossip_world& world, std::uint32_t nodes, bool join) {
  for (std::uint32_t i = 0; i < nodes; ++i)
    world.add();
  if (!join)
    return world.introduce();
  for (std::uint32_t i = 0; i < nodes; ++i) {
    world.join(i);
    world.run_on(node_clock::duration(come_within) / nodes);
  }
}

struct samples {
  std::vector<double> link_errors, own_link_errors, guess_errors, links;
  std::size_t most_bytes = 0;

  void take(const gossip_world& world, random_source& random) {
    for (int i = 0; i < 300; ++i)
      if (const auto one = world.look_at_any(random)) {
        link_errors.push_back(one->link_error);
        own_link_errors.push_back(one->own_link_error);
        guess_errors.push_back(one->guess_error);
        links.push_back(static_cast<double>(one->links));
        most_bytes = std::max(most_bytes, one->report_bytes);
      }
  }
  void report(gossip_report& out) const {
    out.report_bytes = static_cast<std::uint32_t>(most_bytes);
    if (links.empty())
      return;
    out.mean_links = mean(links);
    out.median_link_error = percentile(link_errors, 0.5);
    out.median_own_link_error = percentile(own_link_errors, 0.5);
    out.p90_link_error = percentile(link_errors, 0.9);
    out.p90_own_link_error = percentile(own_link_errors, 0.9);
    out.median_guess_error = percentile(guess_errors, 0.5);
  }
};

} // namespace

expected<gossip_report> run_gossip(const gossip_options& options) {
  DCI_ASSIGN(const auto network, open_changing(options.scene, options.slices));
  random_source random(options.scene.seed);
  gossip_world world(*network, options.nodes, random.fork());
  gossip_report out;
  out.network = options.slices.first.empty()
                    ? name_of(options.scene)
                    : std::filesystem::path(options.slices.first).stem().string();
  out.nodes = network->size();
  out.seed = options.scene.seed;
  out.loss = options.scene.conditions.loss;
  out.minutes = seconds_of(options.lasts) / 60;
  out.join = options.join;
  begin(world, out.nodes, options.join);
  for (; world.unknown() > 0; world.run_on(look_every))
    if (world.now().time_since_epoch() >= longest_beginning)
      return failed_run(options.scene, std::to_string(world.unknown()) +
                                           " pairs of nodes do not know each other after " +
                                           "ten minutes");
  out.all_known_s = seconds_of(world.now().time_since_epoch());

  const auto start = world.now();
  const auto before = world.traffic_of_kinds();
  gossip_world::ages ages;
  samples seen;
  while (world.now() < start + options.lasts) {
    world.run_on(look_every);
    world.look(ages);
    out.unknown += world.unknown();
    seen.take(world, random);
  }
  out.mean_age_s = ages.sum_s / static_cast<double>(std::max<std::uint64_t>(ages.known, 1));
  out.max_age_s = ages.max_s;
  seen.report(out);
  const auto node_seconds = seconds_of(world.now() - start) * out.nodes;
  const auto rate = [&](std::uint64_t bytes) { return static_cast<double>(bytes) / node_seconds; };
  const auto& after = world.traffic_of_kinds();
  const auto both = [&](std::size_t kind) {
    return rate(after[kind].sent - before[kind].sent) +
           rate(after[kind].received - before[kind].received);
  };
  out.member_bytes_per_node_per_s = both(0);
  out.probe_bytes_per_node_per_s = both(1);
  out.bytes_per_node_per_s = both(2);
  out.bytes_sent_per_node_per_s = rate(after[2].sent - before[2].sent);
  out.events = world.events();
  return out;
}

} // namespace dci
