// Lookups as Kademlia makes them, for the same owner: the first node at or after the key.
#include <algorithm>

#include "actors/overlay/add_what_fits.hpp"
#include "actors/overlay/chord.hpp"

namespace dci {

void chord::begin_search(const own_lookup& own, node_time now, overlay_output& out) {
  if (owns(own.key))
    return end_lookup(own_lookup(own), self_, {own.number, 0, successors()}, now, out);
  std::vector<node_id> silent;
  if (const auto before = std::ranges::find(searches_, own.number, &search::number);
      before != searches_.end()) {
    silent = std::move(before->silent);
    searches_.erase(before);
  }
  auto& s = searches_.emplace_back(search{own.number, {}, std::move(silent)});
  const auto here = closest_to({0, false, own.key, s.silent, room_for(settings_->closest)});
  for (const auto& one : here.owner)
    name(s, one, 1, true, own.key);
  for (const auto& one : here.nodes)
    name(s, one, 1, false, own.key);
  go_on(s, now, out);
}

void chord::name(search& s, const contact& node, std::uint32_t hops, bool is_owner,
                 const node_id& key) {
  if (node.id == self_.id)
    return;
  const auto known =
      std::ranges::find_if(s.candidates, [&](const candidate& c) { return c.node.id == node.id; });
  if (known != s.candidates.end()) {
    // It did not know yet that it is the owner when it was asked, or was asked as any other.
    if (is_owner && !known->is_owner && known->state != progress::silent) {
      known->is_owner = true;
      known->state = progress::named;
    }
    return;
  }
  candidate one;
  one.node = node;
  one.from_key = xor_distance(node.id, key);
  one.hops = hops;
  one.is_owner = is_owner;
  const auto at = std::ranges::lower_bound(s.candidates, one.from_key, {}, &candidate::from_key);
  s.candidates.insert(at, std::move(one));
  if (s.candidates.size() > 4 * settings_->closest && !s.candidates.back().is_owner)
    s.candidates.pop_back();
}

void chord::go_on(search& s, node_time now, overlay_output& out) {
  const auto own = std::ranges::find(own_, s.number, &own_lookup::number);
  const auto key = own->key;
  for (auto& one : s.candidates)
    if (one.is_owner && one.state == progress::named)
      ask_candidate(s, one, key, now, out);
  const auto asked = static_cast<std::size_t>(
      std::ranges::count(s.candidates, progress::asked, &candidate::state));
  std::size_t free =
      settings_->asked_at_once - std::min<std::size_t>(settings_->asked_at_once, asked);
  std::size_t considered = 0;
  for (auto& one : s.candidates) {
    if (free == 0 || considered == settings_->closest)
      break;
    considered += one.state != progress::silent;
    if (one.state != progress::named)
      continue;
    ask_candidate(s, one, key, now, out);
    --free;
  }
  if (std::ranges::count(s.candidates, progress::asked, &candidate::state) == 0)
    ask_first_after(s, key, now, out);
}

// All near the key by XOR were asked, and nobody knew the owner: it died lately. Whoever of them
// follows on the key round the ring takes its place.
void chord::ask_first_after(search& s, const node_id& key, node_time now, overlay_output& out) {
  candidate* first = nullptr;
  for (auto& one : s.candidates)
    if (one.state != progress::silent &&
        (first == nullptr || distance(key, one.node.id) < distance(key, first->node.id)))
      first = &one;
  if (first == nullptr || first->is_owner)
    return; // it is asked again when the lookup is tried again
  first->is_owner = true;
  ask_candidate(s, *first, key, now, out);
}

void chord::ask_candidate(search& s, candidate& one, const node_id& key, node_time now,
                          overlay_output& out) {
  one.state = progress::asked;
  one.nonce =
      ask_with(closest_request{0, one.is_owner, key, s.silent, room_for(settings_->closest)},
               one.node, now, out);
}

void chord::search_missed(const contact& node, std::uint32_t nonce, node_time now,
                          overlay_output& out) {
  for (auto& s : searches_)
    for (auto& one : s.candidates)
      if (one.nonce == nonce && one.node.id == node.id && one.state == progress::asked) {
        one.state = progress::silent;
        if (s.silent.size() < settings_->most_silent) {
          s.silent.push_back(node.id);
          // Who named it is asked for the next one.
          for (auto& other : s.candidates)
            if (other.state == progress::answered && other.named_owner == node.id)
              other.state = progress::named;
        }
        return go_on(s, now, out);
      }
}

std::vector<contact> chord::owner_of(const closest_request& m) const {
  const auto is_silent = [&](const node_id& id) {
    return std::ranges::find(m.silent, id) != m.silent.end();
  };
  if (owns(m.key) || (m.last && !predecessor_)) // whoever was between is gone
    return {self_};
  if (m.last)
    return is_silent(predecessor_->node.id) ? std::vector<contact>{} : listed(predecessor());
  const auto key = distance(self_.id, m.key);
  if (known_.is_complete(key))
    for (const auto& one : known_.all())
      if (one.at >= key && !is_silent(one.node.id))
        return {one.node};
  return {};
}

closest_reply chord::closest_to(const closest_request& m) const {
  std::vector<contact> nodes = listed(predecessor());
  for (const auto& one : known_.all())
    if (one.misses == 0 && (nodes.empty() || one.node.id != nodes.front().id))
      nodes.push_back(one.node);
  const auto count = std::min<std::size_t>(settings_->successors, nodes.size());
  std::ranges::partial_sort(nodes, nodes.begin() + static_cast<std::ptrdiff_t>(count), {},
                            [&](const contact& one) { return xor_distance(one.id, m.key); });
  nodes.resize(count);
  closest_reply reply{m.nonce, {}, {}};
  add_what_fits(reply, reply.owner, owner_of(m), packed_size(m));
  add_what_fits(reply, reply.nodes, nodes, packed_size(m));
  return reply;
}

void chord::on(const contact& from, const closest_request& m, node_time now, overlay_output& out) {
  for (const auto& id : m.silent)
    if (predecessor_ && predecessor_->node.id == id && !is_asked(id))
      ask(predecessor_->node, now, out); // whether it is there we find out ourselves
  out.sends.push_back({from, closest_to(m)});
}

void chord::on(const contact& from, const closest_reply& m, node_time now, overlay_output& out) {
  if (!answered(from, m.nonce, now))
    return;
  for (auto& s : searches_) {
    const auto asked = std::ranges::find_if(s.candidates, [&](const candidate& c) {
      return c.nonce == m.nonce && c.node.id == from.id;
    });
    if (asked == s.candidates.end())
      continue;
    const auto hops = asked->hops;
    asked->state = progress::answered;
    const auto own = *std::ranges::find(own_, s.number, &own_lookup::number);
    if (!m.owner.empty() && m.owner.front().id == from.id)
      return end_lookup(own, from, {own.number, hops, {}}, now, out);
    for (const auto& one : m.owner) {
      asked->named_owner = one.id;
      name(s, one, hops + 1, true, own.key);
    }
    for (const auto& one : m.nodes)
      name(s, one, hops + 1, false, own.key);
    return go_on(s, now, out);
  }
  // Asked for our table's sake.
  for (const auto& one : m.nodes)
    heard_of(one, now, out);
}

} // namespace dci
