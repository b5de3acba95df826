#include "actors/overlay/known_nodes.hpp"

#include <algorithm>

namespace dci {

namespace {

constexpr ring_distance whole_ring{{~0ull, ~0ull, ~0ull, ~0ull}};

ring_distance below_power(unsigned exponent) {
  ring_distance out;
  for (unsigned bit = 0; bit < exponent; bit += 64)
    out.words[3 - bit / 64] =
        exponent - bit >= 64 ? ~0ull : (std::uint64_t{1} << (exponent - bit)) - 1;
  return out;
}

} // namespace

known_nodes::known_nodes(const node_id& self, const overlay_settings& settings)
    : self_(self), settings_(&settings) {
}

std::size_t known_nodes::place(const ring_distance& at) const {
  auto here =
      static_cast<std::size_t>(std::ranges::lower_bound(tops_, at.words[0]) - tops_.begin());
  while (here < nodes_.size() && nodes_[here].at < at)
    ++here;
  return here;
}

void known_nodes::erase(std::size_t here) {
  nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(here));
  tops_.erase(tops_.begin() + static_cast<std::ptrdiff_t>(here));
}

std::span<const known_node> known_nodes::successors() const {
  auto count = place(complete_);
  if (count < nodes_.size() && nodes_[count].at == complete_)
    ++count;
  return std::span(nodes_).first(std::min<std::size_t>(count, settings_->successors));
}

known_node* known_nodes::find(const node_id& id) {
  const auto at = distance(self_, id);
  const auto here = place(at);
  return here < nodes_.size() && nodes_[here].at == at ? &nodes_[here] : nullptr;
}

bool known_nodes::better(const known_node& a, const known_node& b) const {
  return settings_->fingers == finger_rule::nearest_id ? a.at < b.at : a.score > b.score;
}

int known_nodes::octave_of(const known_node& one) const {
  return octave(settings_->lookups == lookup_strategy::chord ? one.at
                                                             : xor_distance(self_, one.node.id));
}

node_id known_nodes::id_in(int octave, const ring_distance& within) const {
  auto by = power_of_two(static_cast<unsigned>(octave));
  for (std::size_t i = 0; i < by.words.size(); ++i)
    by.words[i] |= within.words[i];
  return settings_->lookups == lookup_strategy::chord ? moved(self_, by) : flipped(self_, by);
}

node_id known_nodes::first_in(int octave) const {
  if (settings_->lookups == lookup_strategy::chord)
    return id_in(octave, {});
  // The low bits of it are zero where those of our own id are flipped.
  auto within = below_power(static_cast<unsigned>(octave));
  const auto own = xor_distance(self_, {});
  for (std::size_t i = 0; i < within.words.size(); ++i)
    within.words[i] &= own.words[i];
  return id_in(octave, within);
}

std::pair<std::size_t, std::size_t> known_nodes::members_of(int octave) const {
  const auto begin = distance(self_, first_in(octave));
  const auto first =
      std::max(place(begin), std::min<std::size_t>(settings_->successors, nodes_.size()));
  auto last = first;
  while (last < nodes_.size() && octave_of(nodes_[last]) == octave)
    ++last;
  return {first, last};
}

std::optional<std::size_t> known_nodes::worst_of(int octave) const {
  const auto [first, last] = members_of(octave);
  if (last - first < settings_->per_octave)
    return {};
  auto worst = first;
  for (auto i = first + 1; i < last; ++i)
    if (better(nodes_[worst], nodes_[i]))
      worst = i;
  return worst;
}

bool known_nodes::wants(const contact& node, float score) const {
  auto one = entry(node);
  one.score = score;
  if (one.at == ring_distance{})
    return false;
  if (nodes_.size() < settings_->successors || one.at < nodes_[settings_->successors - 1].at)
    return true;
  const auto worst = worst_of(octave_of(one));
  return !worst || better(one, nodes_[*worst]);
}

void known_nodes::add(known_node node) {
  if (!wants(node.node, node.score))
    return;
  const auto at = node.at;
  const auto here = place(at);
  if (here < nodes_.size() && nodes_[here].at == at)
    return;
  const auto added = octave_of(node);
  tops_.insert(tops_.begin() + static_cast<std::ptrdiff_t>(here), at.words[0]);
  nodes_.insert(nodes_.begin() + static_cast<std::ptrdiff_t>(here), std::move(node));
  const std::size_t last = settings_->successors;
  if (nodes_.size() <= last)
    return;
  // One more than there is room for: in its octave, or where the last successor was before.
  complete_ = std::min(complete_, nodes_[last - 1].at);
  for (const auto k : {octave_of(nodes_[last]), added}) {
    const auto [begin, end] = members_of(k);
    if (end - begin > settings_->per_octave)
      erase(*worst_of(k));
  }
}

void known_nodes::remove(const node_id& id) {
  if (const auto* one = find(id))
    erase(static_cast<std::size_t>(one - nodes_.data()));
}

void known_nodes::set_complete(const ring_distance& until) {
  complete_ = until;
  if (nodes_.size() > settings_->successors)
    complete_ = std::min(complete_, nodes_[settings_->successors - 1].at);
}

void known_nodes::set_all_complete() {
  set_complete(whole_ring);
}

std::vector<int> known_nodes::open_octaves() const {
  const bool by_xor = settings_->lookups == lookup_strategy::kademlia;
  std::vector<int> out;
  for (int k = 255; k >= 0; --k) {
    const auto first = first_in(k);
    const auto begin = distance(self_, first);
    if (!by_xor && begin <= complete_)
      break; // and so do all nearer ones
    const auto end = distance(self_, moved(first, below_power(static_cast<unsigned>(k))));
    if (!by_xor || (end > complete_ && begin <= before_))
      out.push_back(k);
  }
  return out;
}

} // namespace dci
