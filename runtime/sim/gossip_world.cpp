#include "runtime/sim/gossip_world.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "actors/gossip/wire.hpp"

namespace dci {

namespace {

double seconds_of(node_clock::duration time) {
  return static_cast<double>(time.count()) / 1e6;
}

// Three tiers of home machines, as they may be.
device_figures any_device(random_source& random) {
  device_figures out;
  const auto least = std::array{20.0, 5.0, 0.5}[random.below(3)];
  out.tflops_f32 = static_cast<float>(least * (1 + 2 * random.uniform()));
  out.tier = static_cast<std::uint8_t>(tier_of(out.tflops_f32));
  out.tops_int8 = 3 * out.tflops_f32;
  out.memory_gb_per_s = 20 * out.tflops_f32;
  out.memory_free_gb = static_cast<float>(4 + 28 * random.uniform());
  out.watts = 10 + 10 * out.tflops_f32;
  return out;
}

double relative_error(double said, double is) {
  return std::abs(said - is) / is;
}

} // namespace

gossip_world::gossip_world(changing_network& network, const stack_settings& settings,
                           random_source source)
    : sim_world(network, source), network_(network), settings_(&settings) {
}

void gossip_world::add() {
  const contact self{any_id(random()), address_of(size())};
  const auto device = any_device(random());
  const auto index =
      place(self.id, std::make_unique<node_stack>(self, *settings_, device, random().fork(), now()),
            size());
  index_of_mark_.emplace(mark_of(self.id), index);
  apply(index);
}

void gossip_world::introduce() {
  for (std::uint32_t i = 0; i < size(); ++i)
    for (std::uint32_t other = 0; other < size(); ++other)
      if (other != i)
        machine(i).know(node(other).self());
}

void gossip_world::join(std::uint32_t index) {
  machine(index).join({{}, address_of(0)}, now(), output());
  apply(index);
}

void gossip_world::run_on(node_clock::duration time) {
  constexpr node_clock::duration step = std::chrono::seconds(1);
  for (const auto end = now() + time; now() < end;) {
    network_.go_to(now());
    run_until(std::min(end, now() + step));
  }
}

const node_report* gossip_world::known(std::uint32_t by, std::uint32_t of) const {
  const auto* e = node(by).reports().find(node(of).self().id);
  return e == nullptr ? nullptr : e->report.get();
}

std::uint64_t gossip_world::unknown() const {
  std::uint64_t out = 0;
  for (std::uint32_t by = 0; by < size(); ++by)
    for (std::uint32_t of = 0; of < size(); ++of)
      out += by != of && known(by, of) == nullptr;
  return out;
}

void gossip_world::look(ages& out) const {
  for (std::uint32_t by = 0; by < size(); ++by)
    for (std::uint32_t of = 0; of < size(); ++of) {
      const auto* report = by == of ? nullptr : known(by, of);
      if (report == nullptr)
        continue;
      const auto age = seconds_of(now() - node(of).made()[report->version - 1].oldest);
      out.sum_s += age;
      out.max_s = std::max(out.max_s, age);
      ++out.known;
    }
}

std::optional<gossip_world::sample> gossip_world::look_at_any(random_source& random) const {
  const auto by = static_cast<std::uint32_t>(random.below(size()));
  const auto of = static_cast<std::uint32_t>(random.below(size()));
  const auto third = static_cast<std::uint32_t>(random.below(size()));
  const auto *report = known(by, of), *other = known(by, third);
  if (by == of || by == third || of == third || report == nullptr || other == nullptr ||
      report->nearest.empty())
    return {};
  const auto& link = report->nearest[random.below(report->nearest.size())];
  const auto peer = index_of_mark_.at(link.peer);
  const auto is = round_trip_ms(of, peer);
  sample out;
  out.links = report->nearest.size();
  out.report_bytes =
      pack_gossip(reports{{{std::make_shared<const node_report>(*report), 0}}}).size();
  out.link_error = relative_error(static_cast<double>(link.round_trip_ms), is);
  for (const auto& own : node(of).measured().links())
    if (own.peer.id == node(peer).self().id)
      out.own_link_error = relative_error(1e3 * seconds_of(own.round_trip), is);
  const auto guess = guessed_round_trip(report->place, other->place);
  out.guess_error = relative_error(1e3 * seconds_of(guess), round_trip_ms(of, third));
  return out;
}

double gossip_world::round_trip_ms(std::uint32_t a, std::uint32_t b) const {
  return 2e3 * seconds_of(network_.one_way(place_of(a), place_of(b)));
}

void gossip_world::count(const stack_message& message, std::uint64_t bytes, bool arrives) {
  auto& kind = traffic_[message.is.index()];
  kind.sent += bytes;
  kind.received += arrives ? bytes : 0;
}

} // namespace dci
