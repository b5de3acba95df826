// dci-sim: the network's state machines in simulated networks of many nodes.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "apps/dci-sim/print.hpp"
#include "runtime/base/version.hpp"
#include "runtime/sim/pictures.hpp"

namespace {

void add_scene(CLI::App& verb, dci::sim_scene& scene) {
  verb.add_option("--nodes", scene.nodes, "how many; with --rtt at most as many as it has")
      ->capture_default_str();
  verb.add_option("--network", scene.network, "uniform, clustered or transit-stub")
      ->capture_default_str();
  verb.add_option("--rtt", scene.rtt, "a file of measured round trips, instead");
  verb.add_option("--rtt-scale", scene.rtt_scale, "what its numbers times this are milliseconds")
      ->capture_default_str();
  auto& are = scene.conditions;
  verb.add_option("--latency", are.latency_ms, "ms more, one way")->capture_default_str();
  verb.add_option("--jitter", are.jitter_ms, "up to so many ms more")->capture_default_str();
  verb.add_option("--mbit", are.mbit_per_s, "of each node's line out; 0: no limit")
      ->capture_default_str();
  verb.add_option("--loss", are.loss, "share of all datagrams")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb.add_option("--seed", scene.seed, "repeats a run")->capture_default_str();
}

const std::vector<std::string> strategies{"chord", "kademlia", "both"};

// Chord with both rules for its fingers, Kademlia with near ones.
std::vector<dci::chord_variant> variants_of(const std::string& strategy) {
  using dci::finger_rule, dci::lookup_strategy;
  std::vector<dci::chord_variant> out;
  if (strategy != "kademlia")
    out = {{lookup_strategy::chord, finger_rule::nearest_id},
           {lookup_strategy::chord, finger_rule::proximity}};
  if (strategy != "chord")
    out.push_back({lookup_strategy::kademlia, finger_rule::proximity});
  return out;
}

void add_chord(CLI::App& verb, dci::chord_options& options, std::string& strategy) {
  add_scene(verb, options.scene);
  verb.add_option("--strategy", strategy, "how owners are looked for: chord, kademlia or both")
      ->check(CLI::IsMember(strategies))
      ->capture_default_str();
  verb.add_option("--lookups", options.lookups, "of random keys from random nodes")
      ->capture_default_str();
  verb.add_option("--per-octave", options.overlay.per_octave, "nodes kept of each octave")
      ->capture_default_str();
  verb.add_option("--minutes", options.lasts, "in which the lookups are made");
}

template <class Options>
void add_ring(CLI::App& verb, Options& options) {
  verb.add_option("--stages", options.stages, "of a ring")->capture_default_str();
  verb.add_option("--candidates", options.candidates, "it is chosen from")->capture_default_str();
  verb.add_option("--rounds", options.rounds, "with other candidates each")->capture_default_str();
}

void add_records(CLI::App& verb, dci::records_options& options) {
  add_scene(verb, options.scene);
  verb.add_option("--values", options.values, "published at the beginning")->capture_default_str();
  verb.add_option("--value-bytes", options.value_bytes, "of each")->capture_default_str();
  verb.add_option("--reads", options.reads, "of random values by random nodes")
      ->capture_default_str();
  verb.add_option("--replaced", options.replaced_per_hour, "share of the nodes in an hour")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  verb.add_option("--leaving", options.leaving, "share of those that say good-bye")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb.add_option("--minutes", options.lasts, "in which they are read");
}

void add_membership(CLI::App& verb, dci::membership_options& options) {
  add_scene(verb, options.scene);
  verb.add_option("--minutes", options.lasts, "simulated");
  verb.add_option("--deaths", options.deaths, "one after the other")->capture_default_str();
}

int say(const dci::error& e) {
  std::fprintf(stderr, "dci-sim: %s\n", e.message.c_str());
  return dci::exit_code(e.code);
}

struct output_options {
  bool json = false;
  std::string plot;
};

template <class Report>
int finish(const dci::expected<std::vector<Report>>& reports, const output_options& as) {
  if (!reports)
    return say(reports.error());
  for (const auto& report : *reports)
    dci::print_report(report, as.json);
  if (as.plot.empty())
    return 0;
  const auto drawn = dci::draw(dci::picture_of(*reports), as.plot);
  return drawn ? 0 : say(drawn.error());
}

template <class Report>
int finish(const dci::expected<Report>& report, const output_options& as) {
  return finish(report.map([](const Report& one) { return std::vector{one}; }), as);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"dci-sim: the network's state machines in simulated networks of many nodes"};
  app.set_version_flag("--version", std::string{dci::version});
  app.require_subcommand(1);
  app.fallthrough();
  output_options as;
  app.add_flag("--json", as.json, "print one JSON object a report");
  app.add_option("--plot", as.plot, "also draw the reports, as SVG into this file; needs gnuplot");

  dci::chord_options chord_options, churn_options;
  std::string strategy = "chord";
  auto* chord = app.add_subcommand("chord", "lookups, with fingers by id and by proximity");
  add_chord(*chord, chord_options, strategy);
  auto* churn = app.add_subcommand("churn", "the same while nodes die and others come");
  churn_options.replaced_per_hour = 0.5;
  churn_options.lasts = std::chrono::minutes(10);
  add_chord(*churn, churn_options, strategy);
  churn->add_option("--replaced", churn_options.replaced_per_hour, "share of the nodes in an hour")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();

  dci::records_options records_options;
  auto* records = app.add_subcommand("records", "values kept while nodes go and others come");
  add_records(*records, records_options);

  dci::membership_options membership_options;
  auto* membership = app.add_subcommand("membership", "how soon a death is noticed");
  add_membership(*membership, membership_options);

  dci::coordinates_options coordinates_options;
  auto* coordinates =
      app.add_subcommand("coordinates", "guessing round trips that were never measured");
  add_scene(*coordinates, coordinates_options.scene);
  coordinates->add_option("--neighbours", coordinates_options.neighbours, "that a node measures")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  coordinates->add_option("--measurements", coordinates_options.measurements, "of each node")
      ->capture_default_str();
  dci::ring_options ring_options;
  auto* ring = app.add_subcommand("ring", "choosing near nodes for a ring");
  add_scene(*ring, ring_options.scene);
  add_ring(*ring, ring_options);
  dci::gossip_options gossip_options;
  auto* gossip = app.add_subcommand("gossip", "how old what nodes know of one another is");
  add_scene(*gossip, gossip_options.scene);
  gossip->add_option("--minutes", gossip_options.lasts, "measured");
  gossip->add_flag("--join", gossip_options.join, "nodes know the first one alone at the start");
  gossip->add_option("--slices", gossip_options.slices.first,
                     "the first file of matrices measured one after the other, named ..._1.tsv");
  gossip->add_option("--slice-seconds", gossip_options.slices.lasts, "how long each holds");

  dci::alpha_beta_options alpha_beta_options;
  auto* alpha_beta =
      app.add_subcommand("alpha-beta", "what latency and bandwidth should weigh in the score");
  add_scene(*alpha_beta, alpha_beta_options.scene);
  add_ring(*alpha_beta, alpha_beta_options);
  alpha_beta->add_option("--steps", alpha_beta_options.steps, "in which alpha goes from 0 to 1")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  alpha_beta
      ->add_option("--least-mbit", alpha_beta_options.least_mbit,
                   "the same once more without links narrower than this")
      ->capture_default_str();
  alpha_beta->add_option("--hidden", alpha_beta_options.hidden, "numbers in a position's row")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  alpha_beta->add_option("--prompt", alpha_beta_options.prompt, "positions")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();

  dci::conditions_options conditions_options;
  auto* conditions =
      app.add_subcommand("conditions", "narrow, long and lossy lines, and nodes that die");
  add_scene(*conditions, conditions_options.scene);
  conditions->add_option("--stages", conditions_options.stages, "of a ring")->capture_default_str();
  conditions->add_option("--sessions", conditions_options.sessions, "that share it")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  conditions->add_option("--lookups", conditions_options.lookups, "under each condition")
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const auto code = app.exit(e);
    return code == 0 ? 0 : dci::exit_code(dci::errc::usage);
  }
  if (*records)
    return finish(dci::run_records(records_options), as);
  if (*membership)
    return finish(dci::run_membership(membership_options), as);
  if (*gossip)
    return finish(dci::run_gossip(gossip_options), as);
  if (*coordinates)
    return finish(dci::run_coordinates(coordinates_options), as);
  if (*conditions)
    return finish(dci::run_conditions(conditions_options), as);
  if (*alpha_beta)
    return finish(dci::run_alpha_beta(alpha_beta_options), as);
  if (*ring)
    return finish(dci::run_ring(ring_options), as);
  return finish(dci::run_chord(*chord ? chord_options : churn_options, variants_of(strategy)), as);
}
