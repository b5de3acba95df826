#include "actors/gossip/revocation_exchange.hpp"

#include <algorithm>

namespace dci {

revocation_exchange::revocation_exchange(const revocation_settings& settings, held_lists held,
                                         list_taker take, random_source random, node_time now)
    : settings_(&settings), held_(std::move(held)), take_(std::move(take)), random_(random),
      next_offer_(now) {
}

void revocation_exchange::add_peer(const contact& peer) {
  remove_peer(peer.id);
  peers_.push_back(peer);
}

void revocation_exchange::remove_peer(const node_id& peer) {
  std::erase_if(peers_, [&](const contact& one) { return one.id == peer; });
}

void revocation_exchange::receive(const contact& from, const revocation_message& message,
                                  node_time now, revocation_output& out) {
  if (std::ranges::find(peers_, from.id, &contact::id) == peers_.end()) {
    out.refused.push_back("revocations of a node that is no member");
    return;
  }
  std::visit([&](const auto& m) { on(from, m, now, out); }, message);
}

void revocation_exchange::tick(node_time now, revocation_output& out) {
  for (auto it = under_way_.begin(); it != under_way_.end();) {
    auto& [root, what] = *it;
    if (now - what.asked < settings_->ask_again) {
      ++it;
    } else if (what.tries >= settings_->most_tries) {
      it = under_way_.erase(it); // somebody else will offer it
    } else {
      ask(root, what, now, out);
      ++it;
    }
  }
  if (next_offer_ > now)
    return;
  next_offer_ = now + settings_->offer_every;
  offer(out);
}

node_time revocation_exchange::next_tick() const {
  auto out = next_offer_;
  for (const auto& [root, what] : under_way_)
    out = std::min(out, what.asked + settings_->ask_again);
  return out;
}

void revocation_exchange::offer(revocation_output& out) {
  lists_offer message;
  for (const auto& one : held_())
    if (one.der)
      message.names.push_back({one.root, one.number});
  if (message.names.empty() || peers_.empty())
    return;
  for (std::uint32_t i = 0; i < settings_->offer_to; ++i)
    out.sends.push_back({peers_[random_.below(peers_.size())], message});
}

void revocation_exchange::on(const contact& from, const lists_offer& m, node_time now,
                             revocation_output& out) {
  const auto held = held_();
  for (const auto& [root, number] : m.names) {
    const auto own = std::ranges::find(held, root, &held_revocations::root);
    // What a root that is not trusted says is of no use.
    if (own == held.end() || number <= own->number || under_way_.contains(root))
      continue;
    auto& what = under_way_[root];
    what.from = from;
    what.number = number;
    ask(root, what, now, out);
  }
}

void revocation_exchange::ask(const node_id& root, fetch& what, node_time now,
                              revocation_output& out) {
  what.asked = now;
  ++what.tries;
  out.sends.push_back({what.from, list_request{{root, what.number},
                                               static_cast<std::uint32_t>(what.bytes.size())}});
}

void revocation_exchange::on(const contact& from, const list_request& m, node_time,
                             revocation_output& out) {
  const auto held = held_();
  const auto own = std::ranges::find(held, m.which.root, &held_revocations::root);
  if (own == held.end() || own->number != m.which.number || !own->der ||
      m.offset >= own->der->size())
    return; // a newer one has come meanwhile, and will be offered
  const auto begin = own->der->begin() + m.offset;
  const auto left = own->der->size() - m.offset;
  const auto count =
      static_cast<std::ptrdiff_t>(std::min<std::size_t>(left, settings_->piece_bytes));
  out.sends.push_back({from, list_piece{m.which,
                                        m.offset,
                                        static_cast<std::uint32_t>(own->der->size()),
                                        {begin, begin + count}}});
}

void revocation_exchange::on(const contact& from, const list_piece& m, node_time now,
                             revocation_output& out) {
  const auto found = under_way_.find(m.which.root);
  if (found == under_way_.end() || found->second.number != m.which.number ||
      found->second.from.id != from.id || found->second.bytes.size() != m.offset) {
    out.refused.push_back("a piece of a revocation list that nobody asked for");
    return;
  }
  auto& what = found->second;
  if (m.total > max_revocation_list_bytes || m.bytes.empty() ||
      m.offset + m.bytes.size() > m.total) {
    out.refused.push_back("a piece of a revocation list that cannot be");
    under_way_.erase(found);
    return;
  }
  what.bytes.insert(what.bytes.end(), m.bytes.begin(), m.bytes.end());
  what.tries = 0;
  if (what.bytes.size() < m.total)
    return ask(m.which.root, what, now, out);
  if (!take_(what.bytes))
    out.refused.push_back("a revocation list that no trusted authority has signed");
  else
    next_offer_ = now; // hand it on at once
  under_way_.erase(found);
}

} // namespace dci
