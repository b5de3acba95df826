// A lookup's way.
#include <algorithm>

#include "actors/overlay/add_what_fits.hpp"
#include "actors/overlay/chord.hpp"

namespace dci {

std::uint64_t chord::look_up(const node_id& key, node_time now, overlay_output& out) {
  own_lookup lookup;
  lookup.key = key;
  return begin(std::move(lookup), now, out);
}

std::uint64_t chord::begin(own_lookup lookup, node_time now, overlay_output& out) {
  const auto number = lookup.number = random_.next();
  lookup.began = now;
  own_.push_back(std::move(lookup));
  send_own(number, now, out);
  return number;
}

void chord::send_own(std::uint64_t number, node_time now, overlay_output& out) {
  const auto own = std::ranges::find(own_, number, &own_lookup::number);
  own->tries += 1;
  own->until = now + settings_->lookup_timeout;
  schedule(own->until);
  lookup_step step;
  step.lookup = number;
  step.key = own->key;
  step.origin = self_;
  if (own->why == purpose::join)
    hand_on(seed_, std::move(step), now, out);
  else if (settings_->lookups == lookup_strategy::kademlia && own->why == purpose::asked)
    begin_search(*own, now, out);
  else
    route(std::move(step), now, out); // may answer at once
}

void chord::retry_lookups(node_time now, overlay_output& out) {
  std::vector<std::uint64_t> again;
  std::vector<own_lookup> failed;
  for (const auto& one : own_)
    if (one.until <= now) {
      // To join is tried for as long as it takes.
      if (one.why == purpose::join || one.tries < settings_->lookup_tries)
        again.push_back(one.number);
      else
        failed.push_back(one);
    }
  for (const auto& one : failed) {
    std::erase_if(own_, [&](const auto& own) { return own.number == one.number; });
    std::erase_if(searches_, [&](const auto& s) { return s.number == one.number; });
    if (one.why == purpose::asked)
      out.results.push_back({one.number, one.key, false, {}, {}, 0, one.tries, now - one.began});
  }
  for (const auto number : again)
    send_own(number, now, out);
}

bool chord::owns(const node_id& key) const {
  return state_ == state::alone || (state_ == state::joined && key == self_.id) ||
         (predecessor_ && in_half_open(predecessor_->node.id, key, self_.id));
}

const known_node* chord::nearest_before(const ring_distance& key) const {
  const auto all = known_.all();
  const known_node* best = nullptr;
  for (const auto& one : all) {
    if (one.at >= key)
      break;
    if (one.misses == 0)
      best = &one;
  }
  return best;
}

void chord::route(lookup_step step, node_time now, overlay_output& out) {
  if (owns(step.key))
    return answer(step, now, out);
  // Who looks for his own place may still stand there, for those who knew him before he started
  // again: it is whoever comes behind him that he asks for.
  const auto is_origin = [&](const node_id& id) {
    return step.key == step.origin.id && id == step.key;
  };
  const auto is_silent = [&](const node_id& id) {
    return std::ranges::find(step.silent, id) != step.silent.end();
  };
  if (step.last) {
    if (!predecessor_ || is_origin(predecessor_->node.id)) // whoever was between is gone
      return answer(step, now, out);
    if (!is_silent(predecessor_->node.id))
      return hand_on(predecessor_->node, std::move(step), now, out);
    // The sender had no answer from our predecessor; we ask it ourselves.
    return hold(waits_for::predecessor, predecessor_->node, std::move(step), now, out);
  }
  const auto key = distance(self_.id, step.key);
  if (known_.is_complete(key)) {
    const known_node* silent = nullptr;
    for (const auto& one : known_.all()) {
      if (one.at < key || is_origin(one.node.id))
        continue;
      if (is_silent(one.node.id)) {
        silent = silent != nullptr ? silent : &one;
        continue;
      }
      step.last = true;
      return hand_on(one.node, std::move(step), now, out);
    }
    if (silent != nullptr) {
      const auto until = silent->node;
      return hold(waits_for::successor, until, std::move(step), now, out);
    }
    // Nobody lies between the key and us, but for a predecessor that has just come.
    step.last = true;
    return route(std::move(step), now, out);
  }
  if (const auto* next = nearest_before(key))
    return hand_on(next->node, std::move(step), now, out);
  if (!known_.all().empty() && !is_origin(known_.all().front().node.id))
    hand_on(known_.all().front().node, std::move(step), now, out);
}

void chord::hold(waits_for why, const contact& until, lookup_step step, node_time now,
                 overlay_output& out) {
  if (!is_asked(until.id))
    ask(until, now, out);
  held_.push_back({why, until, std::move(step)});
}

bool chord::is_needless(const held& one) {
  if (one.why == waits_for::successor)
    return known_.find(one.until.id) == nullptr;
  return !predecessor_ || predecessor_->node.id != one.until.id;
}

// Once there is word from the node, it was only slow; once it is taken for gone, or another one is
// in its place, the way is another one.
void chord::release_held(const node_id& heard_from, node_time now, overlay_output& out) {
  if (held_.empty())
    return;
  for (auto& one : std::exchange(held_, {})) {
    if (is_needless(one)) {
      route(std::move(one.step), now, out);
    } else if (one.until.id == heard_from) {
      one.step.last = true;
      hand_on(one.until, std::move(one.step), now, out);
    } else {
      held_.push_back(std::move(one));
    }
  }
}

void chord::hand_on(const contact& to, lookup_step step, node_time now, overlay_output& out) {
  // Nobody would take it, and it would come back here for ever.
  if (step.hops + 1 >= settings_->most_hops) {
    out.refused.push_back("a lookup went too far");
    return;
  }
  step.hop = any_nonce();
  handed_on_.push_back({to, now, now + patience(to.id), 1, step});
  schedule(handed_on_.back().until);
  step.hops += 1;
  out.sends.push_back({to, std::move(step)});
}

// An owner is asked twice, since another one would have to ask it again; between others
// there is a choice.
void chord::not_taken(handed_on one, node_time now, overlay_output& out) {
  auto& step = one.step;
  if (step.last && one.tries == 1) {
    one.tries = 2;
    one.until = now + patience(one.to.id);
    auto again = step;
    again.hops += 1;
    out.sends.push_back({one.to, std::move(again)});
    handed_on_.push_back(std::move(one));
    return;
  }
  const bool joining = state_ == state::joining;
  missed(one.to, now, out);
  if (joining)
    return; // the lookup itself is tried again
  if (step.last && step.silent.size() >= settings_->most_silent)
    return; // the origin tries again
  if (step.last)
    step.silent.push_back(one.to.id);
  step.last = false;
  route(std::move(step), now, out);
}

void chord::answer(const lookup_step& step, node_time now, overlay_output& out) {
  lookup_found found{step.lookup, step.hops, {}};
  // The origin may be who sent the step; then it is told, too, that the step was taken.
  const auto most = packed_size(step) - packed_size(overlay_message(lookup_taken{step.hop}));
  add_what_fits(found, found.successors, successors(), most);
  if (step.origin.id == self_.id)
    on(self_, found, now, out);
  else
    out.sends.push_back({step.origin, std::move(found)});
}

void chord::on(const contact& from, const lookup_step& m, node_time now, overlay_output& out) {
  // Who is not told that it was taken sends it another way.
  if (handed_on_.size() + held_.size() >= settings_->most_under_way) {
    out.refused.push_back("too many lookups are under way");
    return;
  }
  out.sends.push_back({from, lookup_taken{m.hop}});
  route(m, now, out);
}

void chord::on(const contact& from, const lookup_taken& m, node_time now, overlay_output&) {
  const auto one = std::ranges::find_if(
      handed_on_, [&](const auto& h) { return h.step.hop == m.hop && h.to.id == from.id; });
  if (one == handed_on_.end())
    return;
  const auto first_try = one->tries == 1;
  const auto round_trip = now - one->asked;
  handed_on_.erase(one);
  if (first_try)
    took(from, round_trip);
}

void chord::on(const contact& from, const lookup_found& m, node_time now, overlay_output& out) {
  const auto own = std::ranges::find(own_, m.lookup, &own_lookup::number);
  if (own == own_.end())
    return; // answered before
  end_lookup(own_lookup(*own), from, m, now, out);
}

void chord::end_lookup(const own_lookup& done, const contact& from, const lookup_found& m,
                       node_time now, overlay_output& out) {
  if (done.why == purpose::join && from.id == self_.id)
    return; // nobody else was found: it is tried again in its time
  std::erase_if(own_, [&](const auto& own) { return own.number == done.number; });
  std::erase_if(searches_, [&](const auto& s) { return s.number == done.number; });
  if (done.why == purpose::asked)
    out.results.push_back(
        {done.number, done.key, true, from, m.successors, m.hops, done.tries, now - done.began});
  if (done.why == purpose::join) {
    known_.add(known_.entry(from));
    ask_successor(now, out);
  } else {
    heard_of(from, now, out);
  }
  for (const auto& one : m.successors)
    heard_of(one, now, out);
  // There may be nearer ones beside it.
  if (done.why == purpose::refresh && settings_->fingers == finger_rule::proximity &&
      from.id != self_.id)
    ask_with(closest_request{0, false, done.key, {}, room_for(settings_->successors)}, from, now,
             out);
}

} // namespace dci
