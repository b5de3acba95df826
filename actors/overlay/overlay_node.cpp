#include "actors/overlay/overlay_node.hpp"

#include <algorithm>
#include <utility>

namespace dci {

overlay_node::overlay_node(const contact& self, const overlay_settings& settings,
                           const score_function& score, const record_settings& records,
                           const record_world& world, random_source random)
    : settings_(&records), ring_(self, settings, score, random.fork()),
      keeper_(self, records, world, random.fork()), client_(self, records, world, random.fork()) {
}

void overlay_node::join(const contact& seed, node_time now, overlay_output& out) {
  ring_.join(seed, now, out);
  settle(now, out);
}

void overlay_node::leave(overlay_output& out) {
  keeper_.leave(out);
  ring_.leave(out);
}

std::uint64_t overlay_node::look_up(const node_id& key, node_time now, overlay_output& out) {
  const auto number = ring_.look_up(key, now, out);
  settle(now, out);
  return number;
}

std::uint64_t overlay_node::publish(const node_id& name, std::vector<std::uint8_t> value,
                                    node_time now, overlay_output& out) {
  const auto number = client_.publish(name, std::move(value), ring_, now, out);
  settle(now, out);
  return number;
}

std::uint64_t overlay_node::read(const node_id& name, node_time now, overlay_output& out) {
  const auto number = client_.read(name, ring_, now, out);
  settle(now, out);
  return number;
}

void overlay_node::receive(const contact& from, const overlay_message& message, node_time now,
                           overlay_output& out) {
  if (ring_.where() == chord::state::left)
    return;
  ring_.receive(from, message, now, out);
  keeper_.receive(from, message, now, out);
  client_.receive(from, message, now, out);
  settle(now, out);
}

void overlay_node::tick(node_time now, overlay_output& out) {
  if (ring_.where() == chord::state::left)
    return;
  if (ring_.next_tick() <= now)
    ring_.tick(now, out);
  if (keeper_.next_tick() <= now)
    keeper_.tick(now, out);
  if (client_.next_tick() <= now)
    client_.tick(ring_, now, out);
  settle(now, out);
}

node_time overlay_node::next_tick() const {
  if (ring_.where() == chord::state::left)
    return no_time;
  return std::min({ring_.next_tick(), keeper_.next_tick(), client_.next_tick()});
}

bool overlay_node::has_moved() const {
  const auto predecessor = ring_.predecessor();
  const auto& known = keeper_.place();
  if (predecessor != known.predecessor)
    return true;
  const auto successors = ring_.known().successors().first(
      std::min<std::size_t>(settings_->copies - 1, ring_.known().successors().size()));
  return !std::ranges::equal(successors, known.successors, {}, &known_node::node);
}

// Looks to it that what one part has brought about comes to the others.
void overlay_node::settle(node_time now, overlay_output& out) {
  if (has_moved()) {
    ring_place place{ring_.predecessor(), {}};
    for (const auto& one : ring_.known().successors())
      if (place.successors.size() + 1 < settings_->copies)
        place.successors.push_back(one.node);
    keeper_.move(std::move(place), now);
  }
  for (bool again = true; std::exchange(again, false);) {
    std::vector<lookup_result> others;
    for (auto& found : std::exchange(out.results, {})) {
      if (client_.take(found, now, out))
        again = true;
      else
        others.push_back(std::move(found));
    }
    out.results.insert(out.results.begin(), std::make_move_iterator(others.begin()),
                       std::make_move_iterator(others.end()));
    // Who owns a name himself asks himself.
    const auto own = std::ranges::stable_partition(
        out.sends, [&](const auto& one) { return one.to.id != ring_.self().id; });
    const std::vector<overlay_output::sending> to_self(std::make_move_iterator(own.begin()),
                                                       std::make_move_iterator(own.end()));
    out.sends.erase(own.begin(), own.end());
    for (const auto& [to, message] : to_self) {
      keeper_.receive(to, message, now, out);
      client_.receive(to, message, now, out);
      again = true;
    }
  }
}

} // namespace dci
