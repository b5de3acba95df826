#include "actors/overlay/chord.hpp"

#include <algorithm>

#include "actors/overlay/add_what_fits.hpp"

namespace dci {

namespace {

// What no node that follows the rules would send; empty if there is nothing.
std::string_view objection(const overlay_message& message, const overlay_settings& settings) {
  // Others may keep more than we do.
  const std::size_t most_successors = 4 * settings.successors, most_known = 64;
  if (const auto* m = std::get_if<lookup_step>(&message)) {
    if (m->hops >= settings.most_hops)
      return "a lookup went too far";
    if (m->silent.size() > settings.most_silent)
      return "a lookup names too many silent nodes";
  }
  if (const auto* m = std::get_if<lookup_found>(&message))
    if (m->successors.size() > most_successors)
      return "an answer names too many successors";
  if (const auto* m = std::get_if<neighbours_reply>(&message))
    if (m->successors.size() > most_successors || m->predecessor.size() > 1)
      return "a node names too many neighbours";
  if (const auto* m = std::get_if<leaving>(&message))
    if (m->successors.size() > most_successors || m->predecessor.size() > 1)
      return "a node that leaves names too many neighbours";
  if (const auto* m = std::get_if<known_reply>(&message))
    if (m->known.size() > most_known)
      return "a node knows too many others";
  if (const auto* m = std::get_if<closest_request>(&message))
    if (m->silent.size() > settings.most_silent)
      return "a question names too many silent nodes";
  if (const auto* m = std::get_if<closest_reply>(&message))
    if (m->nodes.size() > most_known || m->owner.size() > 1)
      return "an answer names too many nodes";
  return {};
}

} // namespace

chord::chord(const contact& self, const overlay_settings& settings, const score_function& score,
             random_source random)
    : self_(self), settings_(&settings), score_(&score), random_(random),
      known_(self.id, settings) {
  known_.set_all_complete();
}

void chord::join(const contact& seed, node_time now, overlay_output& out) {
  state_ = state::joining;
  seed_ = seed;
  known_.set_complete({});
  own_lookup lookup;
  lookup.key = self_.id;
  lookup.why = purpose::join;
  begin(std::move(lookup), now, out);
}

void chord::leave(overlay_output& out) {
  state_ = state::left;
  next_ = no_time;
  const auto behind = successors();
  if (!behind.empty())
    out.sends.push_back({behind.front(), leaving{listed(predecessor()), behind}});
  if (predecessor_)
    out.sends.push_back({predecessor_->node, leaving{listed(predecessor()), behind}});
}

void chord::receive(const contact& from, const overlay_message& message, node_time now,
                    overlay_output& out) {
  if (state_ == state::left || from.id == self_.id)
    return;
  if (const auto reason = objection(message, *settings_); !reason.empty()) {
    out.refused.push_back(reason);
    return;
  }
  heard_from(from, now);
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { on(from, m, now, out); })
          on(from, m, now, out); // the others are about records
      },
      message);
  release_held(from.id, now, out);
}

void chord::tick(node_time now, overlay_output& out) {
  if (state_ == state::left)
    return;
  next_ = no_time;
  // What is missed may ask and hand on anew, so what is due is taken out first.
  const auto take_due = [&](auto& waiting) {
    const auto due = std::ranges::partition(waiting, [&](const auto& w) { return w.until > now; });
    std::vector<std::decay_t<decltype(waiting.front())>> out_of(
        std::make_move_iterator(due.begin()), std::make_move_iterator(due.end()));
    waiting.erase(due.begin(), due.end());
    return out_of;
  };
  for (auto& one : take_due(questions_)) {
    if (one.late)
      continue;
    one.late = true;
    one.until = one.asked + settings_->late_answers;
    questions_.push_back(one);
    missed(one.to, now, out);
    search_missed(one.to, one.nonce, now, out);
  }
  for (auto& one : take_due(handed_on_))
    not_taken(std::move(one), now, out);
  retry_lookups(now, out);
  if (next_stabilise_ <= now)
    ask_successor(now, out);
  if (next_refresh_ <= now)
    refresh(now, out);
  release_held({}, now, out);
  for (const auto& one : questions_)
    schedule(one.until);
  for (const auto& one : handed_on_)
    schedule(one.until);
  for (const auto& one : own_)
    schedule(one.until);
  schedule(std::min(next_stabilise_, next_refresh_));
}

void chord::ask_successor(node_time now, overlay_output& out) {
  next_stabilise_ = now + settings_->stabilise_every;
  schedule(next_stabilise_);
  check_silent(now, out);
  if (known_.all().empty()) {
    if (state_ == state::joining) // whoever it was told of is gone
      join(seed_, now, out);
    return;
  }
  const auto first = known_.all().front().node;
  ask_with(neighbours_request{0, room_for(settings_->successors + 1)}, first, now, out);
}

void chord::check_silent(node_time now, overlay_output& out) {
  std::vector<contact> ask_these;
  for (const auto& one : known_.all())
    if (one.misses == 0 && now - one.heard >= settings_->probe_every && !is_asked(one.node.id))
      ask_these.push_back(one.node);
  if (predecessor_ && now - predecessor_->heard >= 3 * settings_->stabilise_every &&
      !is_asked(predecessor_->node.id))
    ask_these.push_back(predecessor_->node);
  for (const auto& one : ask_these)
    ask(one, now, out);
}

void chord::refresh(node_time now, overlay_output& out) {
  if (predecessor_)
    known_.set_before(distance(self_.id, predecessor_->node.id));
  const auto octaves = known_.open_octaves();
  // A new node looks through all of them at once.
  const auto pause = refreshed_ < static_cast<int>(octaves.size()) ? settings_->refresh_every / 20
                                                                   : settings_->refresh_every;
  next_refresh_ = now + pause;
  schedule(next_refresh_);
  if (octaves.empty())
    return;
  const auto k = octaves[static_cast<std::size_t>(refreshed_++) % octaves.size()];
  ring_distance within;
  if (settings_->fingers == finger_rule::proximity)
    for (auto bit = 0; bit < k; bit += 64)
      within.words[3 - static_cast<std::size_t>(bit) / 64] |=
          random_.next() >> (k - bit >= 64 ? 0 : 64 - (k - bit));
  own_lookup lookup;
  lookup.key = known_.id_in(k, within);
  lookup.why = purpose::refresh;
  begin(std::move(lookup), now, out);
}

void chord::on(const contact& from, const neighbours_request& m, node_time now,
               overlay_output& out) {
  neighbours_reply reply{m.nonce, {}, {}};
  add_what_fits(reply, reply.predecessor, listed(predecessor()), packed_size(m));
  add_what_fits(reply, reply.successors, successors(), packed_size(m));
  out.sends.push_back({from, std::move(reply)});
  if (!predecessor_ || in_open(predecessor_->node.id, from.id, self_.id))
    predecessor_ = neighbour{from, now};
  if (state_ != state::alone)
    return;
  // The second node of the ring.
  state_ = state::joined;
  known_.add(known_.entry(from));
  ask_successor(now, out);
  next_refresh_ = now + settings_->refresh_every;
  schedule(next_refresh_);
}

void chord::on(const contact& from, const neighbours_reply& m, node_time now, overlay_output& out) {
  if (!answered(from, m.nonce, now))
    return;
  for (const auto& one : m.successors)
    if (one.id != self_.id && !is_gone(one.id, now) && known_.find(one.id) == nullptr)
      known_.add(known_.entry(one));
  if (!m.predecessor.empty()) {
    const auto& between = m.predecessor.front();
    if (in_open(self_.id, between.id, from.id) && !is_gone(between.id, now)) {
      if (known_.find(between.id) == nullptr)
        known_.add(known_.entry(between));
      if (known_.all().front().node.id == between.id) {
        ask_successor(now, out);
        return;
      }
    }
  }
  if (known_.all().empty() || known_.all().front().node.id != from.id)
    return;
  const bool round = m.successors.empty() ||
                     std::ranges::find(m.successors, self_.id, &contact::id) != m.successors.end();
  if (round)
    known_.set_all_complete();
  else
    known_.set_complete(distance(self_.id, m.successors.back().id));
  if (state_ == state::joining)
    introduce(m.predecessor, now, out);
}

// The last step of joining: the predecessor learns of us.
void chord::introduce(const std::vector<contact>& predecessor, node_time now, overlay_output& out) {
  if (!predecessor.empty() && predecessor.front().id != self_.id) {
    predecessor_ = neighbour{predecessor.front(), now};
    ask_with(new_successor{}, predecessor.front(), now, out);
    return;
  }
  become_joined(now, out);
}

void chord::become_joined(node_time now, overlay_output& out) {
  state_ = state::joined;
  next_stabilise_ = now + settings_->stabilise_every;
  next_refresh_ = now + settings_->refresh_every / 20;
  schedule(next_refresh_);
  if (!known_.all().empty())
    ask_with(known_request{0, room_for(settings_->successors)}, known_.all().front().node, now,
             out);
  check_silent(now, out);
}

void chord::on(const contact& from, const new_successor& m, node_time now, overlay_output& out) {
  out.sends.push_back({from, i_am_here{m.nonce}});
  if (known_.find(from.id) == nullptr) {
    auto one = known_.entry(from);
    one.heard = now;
    known_.add(std::move(one));
  }
}

void chord::on(const contact& from, const leaving& m, node_time now, overlay_output& out) {
  const bool was_behind = predecessor_ && predecessor_->node.id == from.id;
  const bool was_next = !known_.all().empty() && known_.all().front().node.id == from.id;
  // Anybody may say that he goes; who takes his place is for his neighbours to hear.
  if (was_behind || was_next || known_.find(from.id) != nullptr)
    gone(from, now, out);
  if (!was_behind && !was_next) {
    out.refused.push_back("a node that is no neighbour says good-bye");
    return;
  }
  for (const auto& one : m.successors)
    heard_of(one, now, out);
  for (const auto& one : m.predecessor) {
    if (was_behind && !predecessor_ && one.id != self_.id && !is_gone(one.id, now))
      predecessor_ = neighbour{one, now};
    heard_of(one, now, out);
  }
}

void chord::on(const contact& from, const known_request& m, node_time, overlay_output& out) {
  std::vector<contact> fingers;
  for (const auto& one : known_.all().subspan(known_.successors().size()))
    if (one.misses == 0)
      fingers.push_back(one.node);
  known_reply reply{m.nonce, {}};
  add_what_fits(reply, reply.known, fingers, packed_size(m));
  out.sends.push_back({from, std::move(reply)});
}

void chord::on(const contact& from, const known_reply& m, node_time now, overlay_output& out) {
  if (!answered(from, m.nonce, now))
    return;
  for (const auto& one : m.known)
    heard_of(one, now, out);
}

} // namespace dci
