#include "runtime/sim/overlay_world.hpp"

#include <iterator>

namespace dci {

overlay_world::overlay_world(const sim_network& network, const overlay_settings& settings,
                             score_function score, random_source random)
    : sim_world(network, random), settings_(&settings), score_(std::move(score)) {
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
  const auto index =
      place(self.id, std::make_unique<chord>(self, *settings_, score_, random().fork()), where);
  joined_.push_back(false);
  if (!members_.empty())
    machine(index).join(node(any_member()).self(), now(), output());
  apply(index);
  return index;
}

void overlay_world::kill(std::uint32_t index) {
  members_.erase(node(index).self().id);
  sim_world::kill(index);
}

std::uint64_t overlay_world::look_up(std::uint32_t from, const node_id& key) {
  const auto number = machine(from).look_up(key, now(), output());
  apply(from);
  return number;
}

void overlay_world::take(std::uint32_t index, overlay_output& out) {
  for (auto& ended : out.results) {
    const auto owner = owner_of(ended.key);
    endings_.push_back({index, std::move(ended), owner});
  }
  if (!joined_[index] && node(index).where() != chord::state::joining) {
    joined_[index] = true;
    members_.emplace(node(index).self().id, index);
  }
}

std::uint32_t overlay_world::out_of_place() const {
  std::uint32_t wrong = 0;
  for (auto here = members_.begin(); here != members_.end(); ++here) {
    auto next = std::next(here) == members_.end() ? members_.begin() : std::next(here);
    if (next == here)
      continue;
    const auto known = node(here->second).known().all();
    const auto before = node(next->second).predecessor();
    if (known.empty() || known.front().node.id != next->first || !before ||
        before->id != here->first)
      ++wrong;
  }
  return wrong;
}

} // namespace dci
