#include "runtime/sim/membership_experiment.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "actors/packed_size.hpp"
#include "runtime/base/statistics.hpp"
#include "runtime/sim/honest_seal.hpp"
#include "runtime/sim/world.hpp"

namespace dci {

namespace {

double seconds_of(node_clock::duration time) {
  return static_cast<double>(time.count()) / 1e6;
}

struct funeral {
  node_id id;
  node_time died{}, declared = no_time, last_heard = {};
};

class membership_world : public sim_world<swim, membership_message, membership_output> {
 public:
  membership_world(const sim_network& network, const membership_settings& settings,
                   random_source source)
      : sim_world(network, source), settings_(settings) {
    std::vector<presence_ptr> all;
    for (std::uint32_t i = 0; i < network.size(); ++i) {
      const contact self{any_id(random()), address_of(i)};
      place(self.id, std::make_unique<swim>(self, settings_, seal_, random().fork(), now()), i);
      all.push_back(std::make_shared<const presence>(node(i).self()));
    }
    std::ranges::sort(all, {}, [](const presence_ptr& p) { return p->node.id; });
    for (std::uint32_t i = 0; i < network.size(); ++i) {
      auto others = all;
      std::erase_if(others,
                    [&](const presence_ptr& p) { return p->node.id == node(i).self().node.id; });
      machine(i).know(std::move(others));
      apply(i);
    }
  }

  void die(std::uint32_t index) {
    funerals_[index] = {node(index).self().node.id, now()};
    kill(index);
  }
  const std::map<std::uint32_t, funeral>& funerals() const {
    return funerals_;
  }
  // Pairs of a live member and a dead one that it takes for a member.
  std::uint32_t missed() const {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < size(); ++i)
      for (const auto& [dead, of] : funerals_)
        count += is_alive(i) && node(i).members().find(of.id).has_value();
    return count;
  }
  std::uint32_t false_deaths() const {
    return false_deaths_;
  }
  std::uint32_t false_suspicions() const {
    return static_cast<std::uint32_t>(falsely_suspected_.size());
  }

 private:
  void take(std::uint32_t, membership_output& out) override {
    for (const auto& e : out.events) {
      const auto whom = index_of(e.node.where);
      if (e.change == member_change::suspected && is_alive(whom))
        falsely_suspected_.emplace(whom, now().time_since_epoch() / std::chrono::seconds(10));
      if (e.change != member_change::died)
        continue;
      const auto found = funerals_.find(whom);
      if (found == funerals_.end()) {
        false_deaths_ += e.declared_here;
        continue;
      }
      auto& of = found->second;
      of.declared = std::min(of.declared, now());
      of.last_heard = now();
    }
  }

  membership_settings settings_;
  honest_seal seal_;
  std::map<std::uint32_t, funeral> funerals_;
  std::uint32_t false_deaths_ = 0;
  std::set<std::pair<std::uint32_t, std::int64_t>> falsely_suspected_;
};

} // namespace

expected<membership_report> run_membership(const membership_options& options) {
  DCI_ASSIGN(const auto network, open_network(options.scene));
  const auto nodes = network->size();
  if (options.deaths > nodes / 2)
    return fail(errc::bad_config, std::to_string(options.deaths) + " deaths of " +
                                      std::to_string(nodes) + " nodes: at most half may die");
  random_source random(options.scene.seed);
  membership_world world(*network, options.members, random.fork());
  const node_clock::duration lasts = options.lasts;
  const auto start = world.now();
  // The last one has time to be heard of.
  const auto pause = lasts / (options.deaths + 1);
  for (std::uint32_t i = 1; i <= options.deaths; ++i) {
    world.run_until(start + i * pause + node_clock::duration(random.below(1'000'000)));
    auto victim = static_cast<std::uint32_t>(random.below(nodes));
    while (!world.is_alive(victim))
      victim = (victim + 1) % nodes;
    world.die(victim);
  }
  world.run_until(start + lasts + std::chrono::seconds(60));

  membership_report out;
  out.network = name_of(options.scene);
  out.nodes = nodes;
  out.seed = options.scene.seed;
  out.loss = options.scene.conditions.loss;
  out.minutes = seconds_of(lasts) / 60;
  out.deaths = options.deaths;
  out.false_deaths = world.false_deaths();
  out.false_suspicions = world.false_suspicions();
  std::vector<double> detection, spread;
  for (const auto& [dead, of] : world.funerals()) {
    if (of.declared == no_time)
      continue;
    ++out.declared;
    detection.push_back(seconds_of(of.declared - of.died));
    spread.push_back(seconds_of(of.last_heard - of.declared));
  }
  out.missed = world.missed();
  if (!detection.empty()) {
    out.median_detection_s = percentile(detection, 0.5);
    out.p99_detection_s = percentile(detection, 0.99);
    out.max_detection_s = *std::ranges::max_element(detection);
    out.median_all_know_s = percentile(spread, 0.5);
    out.max_all_know_s = *std::ranges::max_element(spread);
  }
  out.bytes_per_node_per_s =
      static_cast<double>(world.bytes()) / seconds_of(world.now() - start) / nodes;
  out.events = world.events();
  return out;
}

} // namespace dci
