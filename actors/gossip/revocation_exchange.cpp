#include "actors/gossip/revocation_exchange.hpp"

#include <algorithm>

namespace dci {

namespace {

constexpr std::size_t most_failures = 256;

} // namespace

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
  std::erase_if(failures_, [&](const failure& f) { return f.until <= now; });
  for (std::size_t i = under_way_.size(); i-- > 0;) {
    auto& what = under_way_[i];
    const bool is_silent =
        now - what.asked >= settings_->ask_again && what.tries >= settings_->most_tries;
    const auto here = under_way_.begin() + static_cast<std::ptrdiff_t>(i);
    if (now - what.began >= settings_->give_up_after)
      fail(here, now + settings_->ignore_for);
    else if (is_silent)
      fail(here, now + settings_->ignore_silent_for);
    else if (now - what.asked >= settings_->ask_again)
      ask(what, now, out);
  }
  if (next_offer_ > now)
    return;
  next_offer_ = now + settings_->offer_every;
  offer(out);
}

node_time revocation_exchange::next_tick() const {
  auto out = next_offer_;
  for (const auto& what : under_way_)
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

bool revocation_exchange::may_fetch(const contact& from, const list_name& which,
                                    node_time now) const {
  if (std::ranges::any_of(
          failures_, [&](const failure& f) { return f.root == which.root && f.peer == from.id; }))
    return false;
  std::uint32_t count = 0;
  for (const auto& one : under_way_) {
    if (one.which.root != which.root)
      continue;
    ++count;
    if (one.from.id == from.id)
      return false;
    if (one.which.number == which.number && now - one.began < settings_->hurry_after)
      return false;
  }
  return count < settings_->most_fetches;
}

void revocation_exchange::on(const contact& from, const lists_offer& m, node_time now,
                             revocation_output& out) {
  const auto held = held_();
  for (const auto& which : m.names) {
    const auto own = std::ranges::find(held, which.root, &held_revocations::root);
    // What a root that is not trusted says is of no use.
    if (own == held.end() || which.number <= own->number || !may_fetch(from, which, now))
      continue;
    ask(under_way_.emplace_back(fetch{which, from, now}), now, out);
  }
}

void revocation_exchange::ask(fetch& what, node_time now, revocation_output& out) {
  what.asked = now;
  ++what.tries;
  out.sends.push_back(
      {what.from, list_request{what.which, static_cast<std::uint32_t>(what.bytes.size())}});
}

void revocation_exchange::fail(std::vector<fetch>::iterator what, node_time ignored_until) {
  if (failures_.size() >= most_failures)
    failures_.erase(failures_.begin());
  failures_.push_back({what->which.root, what->from.id, ignored_until});
  under_way_.erase(what);
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
  const auto what = std::ranges::find_if(under_way_, [&](const fetch& one) {
    return one.which == m.which && one.from.id == from.id && one.bytes.size() == m.offset;
  });
  if (what == under_way_.end()) {
    out.refused.push_back("a piece of a revocation list that nobody asked for");
    return;
  }
  const auto end = m.offset + m.bytes.size();
  const bool is_short = m.bytes.size() < settings_->least_piece_bytes && end < m.total;
  if (m.total > max_revocation_list_bytes || m.bytes.empty() || end > m.total || is_short ||
      (what->total != 0 && what->total != m.total)) {
    out.refused.push_back("a piece of a revocation list that cannot be");
    return fail(what, now + settings_->ignore_for);
  }
  what->total = m.total;
  what->bytes.insert(what->bytes.end(), m.bytes.begin(), m.bytes.end());
  what->tries = 0;
  if (what->bytes.size() < m.total)
    return ask(*what, now, out);
  take(what, now, out);
}

// The whole list is there.
void revocation_exchange::take(std::vector<fetch>::iterator what, node_time now,
                               revocation_output& out) {
  const auto which = what->which;
  if (!take_(what->bytes)) {
    out.refused.push_back("a revocation list that no trusted authority has signed");
    return fail(what, now + settings_->ignore_for);
  }
  const auto held = held_of(which.root);
  if (held < which.number) {
    out.refused.push_back("a revocation list is older than it was offered as");
    return fail(what, now + settings_->ignore_for);
  }
  next_offer_ = now; // hand it on at once
  std::erase_if(under_way_, [&](const fetch& one) {
    return one.which.root == which.root && one.which.number <= held;
  });
}

std::uint64_t revocation_exchange::held_of(const node_id& root) const {
  const auto held = held_();
  const auto own = std::ranges::find(held, root, &held_revocations::root);
  return own == held.end() ? 0 : own->number;
}

} // namespace dci
