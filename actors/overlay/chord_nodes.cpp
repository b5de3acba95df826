// Who is there, how far, and who is gone.
#include <algorithm>

#include "actors/overlay/chord.hpp"
#include "actors/packed_size.hpp"

namespace dci {

namespace {

// Nodes measured at a time beyond those that are known.
constexpr std::size_t most_questions = 24;
constexpr std::size_t most_gone = 64;

} // namespace

void chord::heard_from(const contact& node, node_time now) {
  std::erase_if(gone_, [&](const auto& g) { return g.id == node.id; });
  if (auto* one = known_.find(node.id)) {
    one->node.where = node.where; // it may have moved
    one->heard = now;
    one->misses = 0;
  }
  if (predecessor_ && predecessor_->node.id == node.id) {
    predecessor_->heard = now;
    predecessor_->misses = 0;
  }
}

// Somebody else's word. A node that goes by proximity asks first, and keeps who answers.
void chord::heard_of(const contact& node, node_time now, overlay_output& out) {
  if (node.id == self_.id || known_.find(node.id) != nullptr || is_gone(node.id, now))
    return;
  if (settings_->fingers == finger_rule::nearest_id || state_ != state::joined) {
    if (known_.wants(node, 0))
      known_.add(known_.entry(node)); // asked when its turn comes
    return;
  }
  if (questions_.size() < most_questions && !is_asked(node.id))
    ask(node, now, out);
}

void chord::meet(const contact& node, node_time now, overlay_output& out) {
  if (state_ == state::joined && node.id != self_.id && known_.find(node.id) == nullptr &&
      !is_asked(node.id))
    ask(node, now, out);
}

void chord::took(const contact& node, node_clock::duration round_trip) {
  const auto us = std::max(1.0f, static_cast<float>(round_trip.count()));
  const auto score = static_cast<float>((*score_)(node, round_trip));
  auto* one = known_.find(node.id);
  if (one == nullptr) {
    if (state_ != state::joined || !known_.wants(node, score))
      return;
    auto fresh = known_.entry(node);
    fresh.round_trip_us = us;
    fresh.deviation_us = us / 2;
    fresh.score = score;
    known_.add(std::move(fresh));
    return;
  }
  // As TCP does it (RFC 6298).
  if (one->round_trip_us == 0) {
    one->round_trip_us = us;
    one->deviation_us = us / 2;
  } else {
    one->deviation_us += (std::abs(us - one->round_trip_us) - one->deviation_us) / 4;
    one->round_trip_us += (us - one->round_trip_us) / 8;
  }
  one->score = score;
}

node_clock::duration chord::patience(const node_id& id) {
  const auto* one = known_.find(id);
  if (one == nullptr || one->round_trip_us == 0)
    return settings_->first_timeout;
  const auto us = static_cast<node_clock::rep>(one->round_trip_us + 4 * one->deviation_us);
  // Who missed one may just be at work: a node is not taken for gone within a blink.
  const auto least = one->misses > 0 ? settings_->first_timeout : settings_->least_timeout;
  return std::clamp(node_clock::duration(us), least, settings_->most_timeout);
}

bool chord::is_asked(const node_id& id) const {
  return std::ranges::any_of(questions_, [&](const auto& q) { return !q.late && q.to.id == id; });
}

// Whether it was asked; then the round trip is known.
bool chord::answered(const contact& from, std::uint32_t nonce, node_time now) {
  const auto asked = std::ranges::find_if(
      questions_, [&](const auto& q) { return q.nonce == nonce && q.to.id == from.id; });
  if (asked == questions_.end())
    return false;
  const auto round_trip = now - asked->asked;
  questions_.erase(asked);
  took(from, round_trip);
  return true;
}

void chord::ask(const contact& node, node_time now, overlay_output& out) {
  ask_with(are_you_there{}, node, now, out);
}

void chord::missed(const contact& node, node_time now, overlay_output& out) {
  if (state_ == state::joining && predecessor_ && predecessor_->node.id == node.id) {
    // It is the successor's business to find out that it is gone.
    predecessor_.reset();
    become_joined(now, out);
    return;
  }
  std::uint32_t misses = 0;
  if (auto* one = known_.find(node.id))
    misses = ++one->misses;
  if (predecessor_ && predecessor_->node.id == node.id)
    misses = std::max(misses, ++predecessor_->misses);
  if (misses >= settings_->most_misses)
    gone(node, now, out);
  else if (misses > 0 && !is_asked(node.id))
    ask(node, now, out);
}

void chord::gone(const contact& node, node_time now, overlay_output& out) {
  const bool was_first = !known_.all().empty() && known_.all().front().node.id == node.id;
  known_.remove(node.id);
  if (gone_.size() >= most_gone)
    gone_.erase(gone_.begin());
  gone_.push_back({node.id, now});
  std::vector<std::uint32_t> unanswered;
  std::erase_if(questions_, [&](const auto& q) {
    if (q.to.id == node.id)
      unanswered.push_back(q.nonce);
    return q.to.id == node.id;
  });
  if (predecessor_ && predecessor_->node.id == node.id)
    predecessor_.reset();
  if (was_first)
    ask_successor(now, out);
  if (state_ == state::joined && known_.all().empty() && !predecessor_) {
    state_ = state::alone;
    known_.set_all_complete();
  }
  for (const auto nonce : unanswered)
    search_missed(node, nonce, now, out);
}

bool chord::is_gone(const node_id& id, node_time now) const {
  return std::ranges::any_of(
      gone_, [&](const auto& g) { return g.id == id && now - g.since < settings_->forget_gone; });
}

std::vector<contact> chord::successors() const {
  std::vector<contact> out;
  for (const auto& one : known_.successors())
    if (one.misses == 0)
      out.push_back(one.node);
  return out;
}

padding chord::room_for(std::size_t contacts) const {
  return {static_cast<std::uint32_t>(contacts * packed_size(self_))};
}

void chord::on(const contact& from, const are_you_there& m, node_time, overlay_output& out) {
  out.sends.push_back({from, i_am_here{m.nonce}});
}

void chord::on(const contact& from, const i_am_here& m, node_time now, overlay_output& out) {
  if (!answered(from, m.nonce, now) || !predecessor_ || predecessor_->node.id != from.id)
    return;
  if (state_ == state::joining)
    become_joined(now, out);
}

} // namespace dci
