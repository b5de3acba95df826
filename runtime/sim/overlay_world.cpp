#include "runtime/sim/overlay_world.hpp"

#include <iterator>

#include "actors/proximity_prober/composite_score.hpp"

namespace dci {

overlay_world::overlay_world(const sim_network& network, const overlay_settings& settings,
                             const record_settings& records, random_source random)
    : sim_world(network, random), settings_(&settings), record_settings_(records) {
  score_ = [](const contact&, node_clock::duration round_trip) {
    return composite_score({}, round_trip, {});
  };
  world_.seal = &seal_;
  world_.score = [this, &network](const contact& a, const contact& b) {
    const auto one_way = network.one_way(place_of(index_of(a.where)), place_of(index_of(b.where)));
    return composite_score({}, 2 * one_way, {});
  };
  world_.clock = [](node_time now) {
    constexpr std::uint64_t some_day = 1'800'000'000;
    return some_day + static_cast<std::uint64_t>(now.time_since_epoch() / std::chrono::seconds(1));
  };
}

std::uint32_t overlay_world::any_member() {
  // The owner of a random key; gaps differ, but nothing here depends on an even choice.
  return members_.at(owner_of(any_key()));
}

const node_id& overlay_world::owner_of(const node_id& key) const {
  const auto found = members_.lower_bound(key);
  return (found == members_.end() ? members_.begin() : found)->first;
}

std::uint32_t overlay_world::add(std::uint32_t where) {
  const contact self{any_key(), address_of(size())};
  const auto index = place(self.id,
                           std::make_unique<overlay_node>(
                               self, *settings_, score_, record_settings_, world_, random().fork()),
                           where);
  joined_.push_back(false);
  if (!members_.empty())
    machine(index).join(node(any_member()).ring().self(), now(), output());
  apply(index);
  return index;
}

void overlay_world::kill(std::uint32_t index) {
  members_.erase(node(index).ring().self().id);
  sim_world::kill(index);
}

void overlay_world::leave(std::uint32_t index) {
  machine(index).leave(output());
  apply(index);
  kill(index);
}

std::uint64_t overlay_world::publish(std::uint32_t from, const node_id& name,
                                     std::vector<std::uint8_t> value) {
  const auto number = machine(from).publish(name, std::move(value), now(), output());
  apply(from);
  return number;
}

std::uint64_t overlay_world::read(std::uint32_t from, const node_id& name) {
  const auto number = machine(from).read(name, now(), output());
  apply(from);
  return number;
}

std::uint64_t overlay_world::look_up(std::uint32_t from, const node_id& key) {
  looked_up_.insert(key);
  const auto number = machine(from).look_up(key, now(), output());
  apply(from);
  return number;
}

void overlay_world::count(const overlay_message& message, std::uint64_t bytes, bool) {
  if (looked_up_.empty())
    return;
  bool is_ours = false;
  if (const auto* step = std::get_if<lookup_step>(&message)) {
    is_ours = looked_up_.contains(step->key);
    if (is_ours) {
      lookups_.insert(step->lookup);
      awaited_.insert(step->hop);
    }
  } else if (const auto* question = std::get_if<closest_request>(&message)) {
    is_ours = looked_up_.contains(question->key);
    if (is_ours)
      awaited_.insert(question->nonce);
  } else if (const auto* taken = std::get_if<lookup_taken>(&message)) {
    is_ours = awaited_.erase(taken->hop) > 0;
  } else if (const auto* reply = std::get_if<closest_reply>(&message)) {
    is_ours = awaited_.erase(reply->nonce) > 0;
  } else if (const auto* found = std::get_if<lookup_found>(&message)) {
    is_ours = lookups_.contains(found->lookup);
  }
  if (is_ours)
    lookup_bytes_ += bytes;
}

void overlay_world::take(std::uint32_t index, overlay_output& out) {
  for (auto& ended : out.results) {
    const auto owner = owner_of(ended.key);
    endings_.push_back({index, std::move(ended), owner});
  }
  for (auto& ended : out.records)
    records_.push_back({index, std::move(ended)});
  if (!joined_[index] && node(index).ring().where() != chord::state::joining) {
    joined_[index] = true;
    members_.emplace(node(index).ring().self().id, index);
  }
}

std::uint32_t overlay_world::out_of_place() const {
  std::uint32_t wrong = 0;
  for (auto here = members_.begin(); here != members_.end(); ++here) {
    auto next = std::next(here) == members_.end() ? members_.begin() : std::next(here);
    if (next == here)
      continue;
    const auto known = node(here->second).ring().known().all();
    const auto before = node(next->second).ring().predecessor();
    if (known.empty() || known.front().node.id != next->first || !before ||
        before->id != here->first)
      ++wrong;
  }
  return wrong;
}

} // namespace dci
