#include "runtime/sim/chord_experiment.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>
#include <utility>

#include "runtime/base/statistics.hpp"
#include "runtime/sim/churn.hpp"

namespace dci {

namespace {

using std::chrono::seconds;

// Asks, and asks once more where the answer was wrong.
class lookup_clerk {
 public:
  explicit lookup_clerk(overlay_world& world) : world_(world) {
  }

  void ask(std::uint32_t node, const node_id& key, bool again = false) {
    const auto owner = world_.owner_of(key);
    asked_.emplace(std::pair(node, world_.look_up(node, key)), asked{owner, again});
  }
  bool waits() const {
    return !asked_.empty();
  }
  void take_answers() {
    for (const auto& one : world_.take_endings())
      take(one);
  }
  void report(chord_report& out) const {
    out.lookups = ended_;
    out.correct = correct_;
    out.correct_after_retry = correct_after_retry_;
    if (latencies_ms_.empty())
      return;
    out.mean_hops = mean(hops_);
    out.mean_latency_ms = mean(latencies_ms_);
    out.median_latency_ms = percentile(latencies_ms_, 0.5);
    out.p99_latency_ms = percentile(latencies_ms_, 0.99);
  }

 private:
  struct asked {
    node_id owner; // of the key when it was asked for
    bool again = false;
  };

  void take(const overlay_world::lookup_ending& ending) {
    const auto found = asked_.find({ending.node, ending.result.lookup});
    const auto before = found->second;
    asked_.erase(found);
    const auto& r = ending.result;
    const bool right = r.found && (r.owner.id == ending.owner || r.owner.id == before.owner);
    ended_ += !before.again;
    correct_after_retry_ += right;
    if (right) {
      correct_ += !before.again && r.tries == 1;
      hops_.push_back(r.hops);
      latencies_ms_.push_back(static_cast<double>(r.took.count()) / 1e3);
    } else if (!before.again && world_.is_member(ending.node)) {
      ask(ending.node, r.key, true);
    }
  }

  overlay_world& world_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, asked> asked_;
  std::uint32_t ended_ = 0, correct_ = 0, correct_after_retry_ = 0;
  std::vector<double> hops_, latencies_ms_;
};

expected<chord_report> run(const chord_options& options, const sim_network& network,
                           const chord_variant& variant) {
  auto settings = options.overlay;
  settings.fingers = variant.fingers;
  settings.lookups = variant.lookups;
  random_source random(options.scene.seed);
  overlay_world world(network, settings, {}, random.fork());
  const auto nodes = network.size();
  assemble(world, nodes);
  // Whoever came last has joined and looked through all octaves.
  churn changes(world, options.replaced_per_hour, random.fork());
  changes.run_until(world.now() + seconds(40));
  if (options.replaced_per_hour == 0 && world.members().size() != nodes)
    return fail(errc::check_failed, std::to_string(nodes - world.members().size()) + " of " +
                                        std::to_string(nodes) +
                                        " nodes did not come to join; seed " +
                                        std::to_string(options.scene.seed) + " repeats the run");

  chord_report out;
  out.network = name_of(options.scene);
  out.lookups_by = to_string(variant.lookups);
  out.fingers = to_string(variant.fingers);
  out.nodes = nodes;
  out.seed = options.scene.seed;
  out.replaced_per_hour = options.replaced_per_hour;
  out.most_hops_expected = 0.5 * std::log2(nodes) + 1;

  const auto idle = seconds(30);
  const auto before = world.bytes();
  changes.run_until(world.now() + idle);
  out.maintenance_bytes_per_node_per_s =
      static_cast<double>(world.bytes() - before) / static_cast<double>(idle.count()) / nodes;

  lookup_clerk clerk(world);
  const auto pause = node_clock::duration(options.lasts) / std::max(1u, options.lookups);
  for (std::uint32_t i = 0; i < options.lookups; ++i) {
    clerk.ask(world.any_member(), world.any_key());
    changes.run_until(world.now() + pause);
    clerk.take_answers();
  }
  // As long as one that is tried again and again may take, twice.
  const auto latest = world.now() + 2 * settings.lookup_tries * settings.lookup_timeout;
  while (clerk.waits() && world.now() < latest) {
    changes.run_until(world.now() + seconds(1));
    clerk.take_answers();
  }
  clerk.report(out);
  out.died = changes.died();
  if (out.lookups > 0)
    out.bytes_per_lookup = static_cast<double>(world.lookup_bytes()) / out.lookups;
  out.out_of_place = world.out_of_place();
  out.events = world.events();
  return out;
}

} // namespace

std::string_view to_string(finger_rule rule) {
  return rule == finger_rule::proximity ? "proximity" : "nearest_id";
}

std::string_view to_string(lookup_strategy strategy) {
  return strategy == lookup_strategy::chord ? "chord" : "kademlia";
}

expected<std::vector<chord_report>> run_chord(const chord_options& options,
                                              const std::vector<chord_variant>& variants) {
  DCI_ASSIGN(const auto network, open_network(options.scene));
  std::vector<expected<chord_report>> ends(variants.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < variants.size(); ++i)
    threads.emplace_back([&, i] { ends[i] = run(options, *network, variants[i]); });
  for (auto& one : threads)
    one.join();
  std::vector<chord_report> out;
  for (auto& end : ends) {
    DCI_ASSIGN(auto report, std::move(end));
    out.push_back(std::move(report));
  }
  return out;
}

} // namespace dci
