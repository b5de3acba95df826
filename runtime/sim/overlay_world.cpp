#include "runtime/sim/overlay_world.hpp"

#include <iterator>

#include "actors/packed_size.hpp"

namespace dci {

overlay_world::overlay_world(const sim_network& network, const overlay_settings& settings,
                             score_function score, random_source random)
    : network_(&network), settings_(&settings), score_(std::move(score)), random_(random) {
}

// Simulated addresses are 10.0.0.0/8 and count up; the number is the node's.
contact overlay_world::contact_of(std::uint32_t index, const node_id& id) const {
  contact out{id, {}};
  auto& ip = out.where.ip;
  ip[10] = ip[11] = 0xff;
  for (int i = 0; i < 4; ++i)
    ip[static_cast<std::size_t>(12 + i)] = static_cast<std::uint8_t>(index >> (24 - 8 * i));
  out.where.port = 4700;
  return out;
}

std::uint32_t overlay_world::index_of(const contact& c) {
  std::uint32_t index = 0;
  for (std::size_t i = 12; i < 16; ++i)
    index = index << 8 | c.where.ip[i];
  return index;
}

node_id overlay_world::any_id() {
  node_id id;
  for (std::size_t i = 0; i < node_id::size; i += 8) {
    auto word = random_.next();
    for (std::size_t byte = 0; byte < 8; ++byte, word >>= 8)
      id.bytes[i + byte] = static_cast<std::uint8_t>(word);
  }
  return id;
}

std::uint32_t overlay_world::any_member() {
  // The owner of a random key; gaps differ, but nothing here depends on an even choice.
  const auto after = members_.lower_bound(any_id());
  return (after == members_.end() ? members_.begin() : after)->second;
}

std::uint32_t overlay_world::add(std::uint32_t place) {
  const auto index = size();
  sim_node node;
  node.machine =
      std::make_unique<chord>(contact_of(index, any_id()), *settings_, score_, random_.fork());
  node.place = place;
  node.alive = true;
  nodes_.push_back(std::move(node));
  if (!members_.empty())
    nodes_[index].machine->join(nodes_[any_member()].machine->self(), now_, output_);
  apply(index);
  return index;
}

void overlay_world::kill(std::uint32_t index) {
  auto& node = nodes_[index];
  node.alive = false;
  members_.erase(node.machine->self().id);
  node.machine.reset();
}

std::uint64_t overlay_world::look_up(std::uint32_t from, const node_id& key) {
  const auto number = nodes_[from].machine->look_up(key, now_, output_);
  apply(from);
  return number;
}

const node_id& overlay_world::owner_of(const node_id& key) const {
  const auto found = members_.lower_bound(key);
  return (found == members_.end() ? members_.begin() : found)->first;
}

void overlay_world::apply(std::uint32_t index) {
  auto& node = nodes_[index];
  for (auto& [to, message] : output_.sends) {
    bytes_ += frame_bytes + packed_size(message);
    const auto target = index_of(to);
    queue_.add(now_ + network_->one_way(node.place, nodes_[target].place),
               {target, false, node.machine->self(), std::move(message)});
  }
  for (auto& ended : output_.results) {
    const auto owner = owner_of(ended.key);
    endings_.push_back({index, std::move(ended), owner});
  }
  output_.clear();
  if (!node.member && node.machine->where() != chord::state::joining) {
    node.member = true;
    members_.emplace(node.machine->self().id, index);
  }
  const auto next = node.machine->next_tick();
  if (next < node.ticks_at) {
    node.ticks_at = next;
    queue_.add(next, {index, true, {}, are_you_there{}});
  }
}

void overlay_world::run_until(node_time end) {
  while (!queue_.empty() && queue_.next_time() < end) {
    auto [at, e] = queue_.pop();
    now_ = at;
    ++events_;
    auto& node = nodes_[e.to];
    if (!node.alive)
      continue;
    if (e.is_tick) {
      if (node.ticks_at != at)
        continue; // it ticked for something earlier
      node.ticks_at = no_time;
      node.machine->tick(now_, output_);
    } else {
      node.machine->receive(e.from, e.message, now_, output_);
    }
    apply(e.to);
  }
  now_ = end;
}

std::uint32_t overlay_world::out_of_place() const {
  std::uint32_t wrong = 0;
  for (auto here = members_.begin(); here != members_.end(); ++here) {
    auto next = std::next(here) == members_.end() ? members_.begin() : std::next(here);
    const auto& machine = *nodes_[here->second].machine;
    const auto known = machine.known().all();
    if (next == here)
      continue;
    if (known.empty() || known.front().node.id != next->first)
      ++wrong;
    else if (const auto p = nodes_[next->second].machine->predecessor(); !p || p->id != here->first)
      ++wrong;
  }
  return wrong;
}

} // namespace dci
