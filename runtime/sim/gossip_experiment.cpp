#include "runtime/sim/gossip_experiment.hpp"

#include <algorithm>

#include "actors/gossip/report_store.hpp"
#include "actors/packed_size.hpp"
#include "runtime/sim/world.hpp"

namespace dci {

namespace {

double seconds_of(node_clock::duration time) {
  return static_cast<double>(time.count()) / 1e6;
}

class gossip_world : public sim_world<report_store, gossip_message, gossip_output> {
 public:
  gossip_world(const sim_network& network, const gossip_settings& settings, random_source source)
      : sim_world(network, source), settings_(settings) {
    const auto nodes = network.size();
    std::vector<contact> all;
    for (std::uint32_t i = 0; i < nodes; ++i)
      all.push_back({any_id(random()), address_of(i)});
    // Made before the machines, which keep pointers to them.
    for (std::uint32_t i = 0; i < nodes; ++i)
      makers_.push_back([id = all[i].id, this](std::uint32_t version, node_time) {
        return report_of(id, version);
      });
    for (std::uint32_t i = 0; i < nodes; ++i) {
      auto machine_of = std::make_unique<report_store>(all[i], settings_, makers_[i], check_,
                                                       random().fork(), now());
      for (const auto& other : all)
        machine_of->add_peer(other);
      place(all[i].id, std::move(machine_of), i);
      apply(i);
    }
    ids_ = std::move(all);
  }

  void look(gossip_report& out, std::uint64_t& known) const {
    for (std::uint32_t i = 0; i < size(); ++i)
      for (std::uint32_t other = 0; other < size(); ++other) {
        if (other == i)
          continue;
        const auto* e = node(i).find(ids_[other].id);
        if (e == nullptr) {
          ++out.unknown;
          continue;
        }
        const auto age = seconds_of(now() - e->made);
        out.mean_age_s += age;
        out.max_age_s = std::max(out.max_age_s, age);
        ++known;
      }
  }
  node_report report_of(const node_id& id, std::uint32_t version) {
    node_report r;
    r.node = id;
    r.version = version;
    r.place = {{1, 2, 3, 4}, 1, 0.2f};
    r.nearest.resize(settings_.most_links, {random().next(), 20, 100});
    return r;
  }

 private:
  void take(std::uint32_t, gossip_output&) override {
  }

  gossip_settings settings_;
  std::vector<report_maker> makers_;
  report_check check_ = [](const node_report&) { return true; };
  std::vector<contact> ids_;
};

} // namespace

expected<gossip_report> run_gossip(const gossip_options& options) {
  DCI_ASSIGN(const auto network, open_network(options.scene));
  random_source random(options.scene.seed);
  gossip_world world(*network, options.gossip, random.fork());
  world.set_loss(options.loss);
  gossip_report out;
  out.network = name_of(options.scene);
  out.nodes = network->size();
  out.seed = options.scene.seed;
  out.loss = options.loss;
  out.minutes = seconds_of(options.lasts) / 60;
  out.report_bytes = static_cast<std::uint32_t>(packed_size(world.report_of({}, 1)));
  // Everybody has made a report, and another one.
  world.run_until(world.now() + 2 * options.gossip.report_every);
  const auto start = world.now();
  const auto bytes = world.bytes(), lost = world.bytes_lost();
  std::uint64_t known = 0;
  while (world.now() < start + options.lasts) {
    world.run_until(world.now() + std::chrono::seconds(10));
    world.look(out, known);
  }
  out.mean_age_s /= static_cast<double>(std::max<std::uint64_t>(known, 1));
  const auto node_seconds = seconds_of(world.now() - start) * out.nodes;
  const auto sent = static_cast<double>(world.bytes() - bytes);
  out.bytes_sent_per_node_per_s = sent / node_seconds;
  out.bytes_per_node_per_s =
      (2 * sent - static_cast<double>(world.bytes_lost() - lost)) / node_seconds;
  out.events = world.events();
  return out;
}

} // namespace dci
