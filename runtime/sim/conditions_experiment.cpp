#include "runtime/sim/conditions_experiment.hpp"

#include <algorithm>
#include <numeric>

#include "actors/proximity_prober/composite_score.hpp"
#include "actors/ring_former/ring_choice.hpp"
#include "runtime/sim/chord_experiment.hpp"
#include "runtime/sim/membership_experiment.hpp"
#include "runtime/sim/shaped_ring.hpp"

namespace dci {

namespace {

double ms_of(node_clock::duration time) {
  return static_cast<double>(time.count()) / 1e3;
}

constexpr std::uint32_t prompt_piece = 128; // positions, as a shard has it by default

struct condition {
  std::string_view changed;
  double value = 0;
};

constexpr condition tried[] = {
    {"nothing", 0},
    {"latency_ms", 50},
    {"latency_ms", 100},
    {"latency_ms", 200},
    {"latency_ms", 400},
    {"mbit_per_s", 100},
    {"mbit_per_s", 10},
    {"mbit_per_s", 1},
    {"mbit_per_s", 0.1},
    {"mbit_per_s", 0.03},
    {"loss", 0.01},
    {"loss", 0.05},
    {"loss", 0.1},
    {"loss", 0.2},
    {"replaced_per_hour", 0.5},
    {"replaced_per_hour", 2},
    {"replaced_per_hour", 8},
    {"replaced_per_hour", 32},
};

sim_scene changed_scene(sim_scene scene, const condition& is) {
  auto& all = scene.conditions;
  if (is.changed == "latency_ms")
    all.latency_ms = is.value;
  else if (is.changed == "mbit_per_s")
    all.mbit_per_s = is.value;
  else if (is.changed == "loss")
    all.loss = is.value;
  return scene;
}

using ring = std::vector<std::uint32_t>;

// By latency alone: all lines are as wide as one another.
expected<ring> near_ring(const conditions_options& options, const sim_network& network) {
  random_source random(options.scene.seed);
  ring all(network.size());
  std::iota(all.begin(), all.end(), 0u);
  random.shuffle(all);
  const link_costs costs(std::min(options.candidates, network.size()),
                         [&](std::uint32_t a, std::uint32_t b) {
                           return 1 - composite_score({}, 2 * network.one_way(all[a], all[b]), {});
                         });
  DCI_ASSIGN(auto out, choose_ring(costs, options.stages, random.fork()));
  for (auto& one : out)
    one = all[one];
  return out;
}

void run_ring_under(const conditions_options& options, const sim_network& network,
                    const ring& stages, double replaced_per_hour, conditions_report& out) {
  std::vector<link_conditions> links;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    links.push_back(network.conditions());
    links.back().latency_ms += ms_of(network.one_way(stages[i], stages[(i + 1) % stages.size()]));
  }
  random_source random(options.scene.seed);
  shaped_ring lines(std::move(links), random.fork());
  const std::size_t position = std::size_t{4} * options.hidden;
  const auto answer = lines.run({1, options.answer, position});
  const auto shared = lines.run({options.sessions, options.answer, position});
  const auto pieces = (options.prompt + prompt_piece - 1) / prompt_piece;
  const auto prefill = lines.run({pieces, 1, position * std::min(options.prompt, prompt_piece)});
  out.token_ms = ms_of(answer) / options.answer;
  out.tokens_per_s = 1e3 * options.sessions * options.answer / ms_of(shared);
  out.prefill_ms = ms_of(prefill);
  if (replaced_per_hour <= 0)
    return;
  constexpr int answers = 10'000;
  const auto stage_dies_in_ms = 3.6e6 / (replaced_per_hour * static_cast<double>(stages.size()));
  int lost = 0;
  for (int i = 0; i < answers; ++i)
    lost += random.exponential(stage_dies_in_ms) < ms_of(prefill + answer);
  out.answers_lost = static_cast<double>(lost) / answers;
}

result run_overlay_under(const conditions_options& options, const sim_scene& scene,
                         double replaced_per_hour, conditions_report& out) {
  chord_options overlay;
  overlay.scene = scene;
  overlay.lookups = options.lookups;
  overlay.replaced_per_hour = replaced_per_hour;
  const auto reports = run_chord(overlay, {chord_variant{}});
  if (!reports && reports.error().code == errc::check_failed)
    return {}; // some did not come to join: no lookup is worth anything
  DCI_TRY(reports);
  const auto& is = reports->front();
  out.lookups = is.lookups;
  out.correct = is.correct;
  out.correct_after_retry = is.correct_after_retry;
  out.mean_latency_ms = is.mean_latency_ms;
  return {};
}

result run_members_under(const sim_scene& scene, double replaced_per_hour, conditions_report& out) {
  constexpr std::chrono::minutes longest{10};
  constexpr double least_deaths = 20;
  membership_options members;
  members.scene = scene;
  // Here nobody comes in the place of the dead, so it ends when half are.
  members.lasts = replaced_per_hour > 0
                      ? std::clamp(std::chrono::minutes(static_cast<int>(30 / replaced_per_hour)),
                                   std::chrono::minutes(1), longest)
                      : longest;
  const auto nodes = static_cast<double>(out.nodes);
  const auto minutes = static_cast<double>(members.lasts.count());
  const auto deaths = replaced_per_hour * nodes * minutes / 60;
  members.deaths = static_cast<std::uint32_t>(std::min(std::max(deaths, least_deaths), nodes / 2));
  DCI_ASSIGN(const auto is, run_membership(members));
  out.deaths = is.deaths;
  out.declared = is.declared;
  out.false_deaths = is.false_deaths;
  out.median_detection_s = is.median_detection_s;
  out.p99_detection_s = is.p99_detection_s;
  out.bytes_per_node_per_s = is.bytes_per_node_per_s;
  return {};
}

} // namespace

expected<std::vector<conditions_report>> run_conditions(const conditions_options& options) {
  if (options.hidden == 0 || options.prompt == 0 || options.answer == 0 || options.sessions == 0 ||
      options.lookups == 0)
    return fail(errc::bad_config,
                "numbers, positions, tokens, sessions and lookups: at least one of each is needed");
  DCI_ASSIGN(const auto usual, open_network(options.scene));
  DCI_ASSIGN(const auto stages, near_ring(options, *usual));
  std::vector<conditions_report> out;
  for (const auto& is : tried) {
    const auto scene = changed_scene(options.scene, is);
    const auto replaced = is.changed == "replaced_per_hour" ? is.value : 0;
    DCI_ASSIGN(const auto network, open_network(scene));
    conditions_report one;
    one.network = name_of(scene);
    one.changed = is.changed;
    one.value = is.value;
    one.nodes = network->size();
    one.seed = scene.seed;
    run_ring_under(options, *network, stages, replaced, one);
    DCI_TRY(run_overlay_under(options, scene, replaced, one));
    DCI_TRY(run_members_under(scene, replaced, one));
    out.push_back(std::move(one));
  }
  return out;
}

} // namespace dci
