#include "actors/membership/swim.hpp"

#include <algorithm>
#include <iterator>

#include "actors/overlay/ring_distance.hpp"
#include "actors/packed_size.hpp"

namespace dci {

namespace {

std::size_t bytes_of(const std::vector<news>& tidings) {
  std::size_t bytes = 0;
  for (const auto& one : tidings)
    bytes += packed_size(one);
  return bytes;
}

} // namespace

std::string_view to_string(member_change change) {
  switch (change) {
    case member_change::came:
      return "came";
    case member_change::moved:
      return "moved";
    case member_change::suspected:
      return "is suspected";
    case member_change::cleared:
      return "is suspected no more";
    case member_change::died:
      return "died";
    case member_change::left:
      return "left";
  }
  return "unknown";
}

swim::swim(const contact& self, const membership_settings& settings, const member_seal& seal,
           random_source random, node_time now)
    : settings_(&settings), seal_(&seal), random_(random) {
  auto p = presence{self};
  seal.sign(p);
  self_ = std::make_shared<const presence>(p);
  // Nodes that begin at the same time do not go in step.
  next_period_ = now + node_clock::duration(
                           random_.below(static_cast<std::uint64_t>(settings.period.count())));
  next_sync_ = next_period_ + settings.sync_every;
  schedule(next_period_);
}

void swim::join(const contact& seed, node_time now, membership_output& out) {
  out.sends.push_back({seed, member_news{{self_}}});
  walks_.push_back({seed, self_->node.id, self_->node.id});
  ask_members(walks_.back(), now, out);
}

void swim::try_join(const contact& seed, node_time now, membership_output& out) {
  join(seed, now, out);
  walks_.back().tries_left = settings_->guesses_tries;
}

bool swim::is_joining(const endpoint& seed) const {
  return std::ranges::any_of(walks_, [&](const walk& w) { return w.whom.where == seed; });
}

void swim::leave(membership_output& out) {
  auto p = *self_;
  ++p.incarnation;
  p.leaves = true;
  seal_->sign(p);
  self_ = std::make_shared<const presence>(p);
  left_ = true;
  next_ = no_time;
  for (std::uint32_t i = 0; i < 2 * settings_->news_to && members_.size() > 0; ++i)
    out.sends.push_back({any_member(), member_news{{self_}}});
}

void swim::know(std::vector<presence_ptr> members) {
  members_.assign(std::move(members));
}

void swim::receive(const contact& from, const membership_message& message, node_time now,
                   membership_output& out) {
  if (left_ || from.id == self_->node.id)
    return;
  std::visit([&](const auto& m) { on(from, m, now, out); }, message);
}

void swim::tick(node_time now, membership_output& out) {
  if (left_)
    return;
  next_ = no_time;
  std::vector<contact> silent;
  for (auto& p : probes_) {
    if (!p.helpers_asked && p.ask_helpers_at <= now)
      ask_helpers(p, out);
    if (p.until <= now && !p.asked_by)
      silent.push_back(p.whom);
  }
  std::erase_if(probes_, [&](const probe& p) { return p.until <= now; });
  for (const auto& whom : silent)
    accuse(whom, now, out);
  if (next_period_ <= now)
    begin_period(now, out);
  judge(now, out);
  if (next_news_ <= now)
    send_news(now, out);
  walk_on(now, out);
  if (next_sync_ <= now)
    sync(now, out);

  for (const auto& p : probes_)
    schedule(p.helpers_asked ? p.until : std::min(p.ask_helpers_at, p.until));
  for (const auto& [id, s] : suspects_)
    schedule(s.until);
  for (const auto& w : walks_)
    schedule(w.ask_again);
  schedule(std::min({next_period_, next_news_, next_sync_}));
}

contact swim::any_member() {
  return members_.at(random_.below(members_.size())).node;
}

void swim::begin_period(node_time now, membership_output& out) {
  next_period_ = std::max(next_period_ + slowed(settings_->period), now);
  std::erase_if(dead_,
                [&](const auto& one) { return now - one.second.since > settings_->remember_dead; });
  if (members_.size() == 0)
    return;
  auto whom = any_member();
  if (std::exchange(next_by_id_, !next_by_id_)) {
    // The next one that nobody suspects.
    auto place = members_.first_from(self_->node.id);
    for (std::size_t i = 0; i < members_.size() && i < 8; ++i, ++place) {
      const auto& next = members_.at(place % members_.size()).node;
      if (is_suspected(next.id))
        continue;
      whom = next;
      break;
    }
  }
  ping(whom, {}, now + slowed(settings_->period), {}, now, out);
}

void swim::ping(const contact& whom, std::vector<news> first, node_time until,
                std::optional<std::pair<contact, std::uint32_t>> asked_by, node_time now,
                membership_output& out) {
  probe p;
  p.whom = whom;
  p.number = static_cast<std::uint32_t>(random_.next());
  p.sent = now;
  p.ask_helpers_at = now + slowed(settings_->direct_wait);
  p.until = until;
  p.helpers_asked = asked_by.has_value(); // helpers ask no others
  p.asked_by = std::move(asked_by);
  schedule(p.helpers_asked ? p.until : p.ask_helpers_at);
  const auto used = bytes_of(first);
  auto rest = news_.take(settings_->datagram_bytes - used, repeats());
  first.insert(first.end(), std::make_move_iterator(rest.begin()),
               std::make_move_iterator(rest.end()));
  out.sends.push_back({whom, member_ping{p.number, digest(), std::move(first)}});
  probes_.push_back(std::move(p));
}

void swim::ask_helpers(probe& p, membership_output& out) {
  p.helpers_asked = true;
  if (members_.size() < 2)
    return;
  std::vector<node_id> asked{p.whom.id};
  // In a small network the same ones are drawn again.
  for (std::uint32_t i = 0; i < 4 * settings_->helpers && asked.size() <= settings_->helpers; ++i) {
    const auto helper = any_member();
    if (std::ranges::find(asked, helper.id) != asked.end())
      continue;
    asked.push_back(helper.id);
    out.sends.push_back({helper, ping_for_me{p.number, p.whom}});
  }
}

void swim::on(const contact& from, const member_ping& m, node_time now, membership_output& out) {
  const bool accused = std::ranges::any_of(m.tidings, [&](const news& one) {
    const auto* s = std::get_if<suspicion>(&one);
    return s != nullptr && s->suspect == self_->node.id;
  });
  tell_dead(from.id, out);
  hear(m.tidings, now, out);
  if (m.digest != digest() && !knows_others_) {
    knows_others_ = from;
    next_sync_ = std::min(next_sync_, std::max(now, last_sync_ + settings_->sync_soon));
    schedule(next_sync_);
  }
  // The answer is no longer than the question, and clears us first.
  auto room = bytes_of(m.tidings);
  member_ack ack{m.number, {}};
  if (accused && packed_size(news(self_)) <= room) {
    ack.tidings.push_back(self_);
    room -= packed_size(ack.tidings.back());
  }
  for (auto& one : news_.take(room, repeats()))
    ack.tidings.push_back(std::move(one));
  out.sends.push_back({from, std::move(ack)});
}

void swim::on(const contact& from, const member_ack& m, node_time now, membership_output& out) {
  hear(m.tidings, now, out);
  const auto p = std::ranges::find(probes_, m.number, &probe::number);
  if (p == probes_.end())
    return;
  if (p->asked_by)
    out.sends.push_back({p->asked_by->first, member_ack{p->asked_by->second, {}}});
  else if (health_ > 0)
    --health_;
  if (from.id == p->whom.id)
    out.answers.push_back({p->whom, p->sent});
  probes_.erase(p);
}

void swim::on(const contact& from, const ping_for_me& m, node_time now, membership_output& out) {
  if (m.whom.id == self_->node.id)
    out.sends.push_back({from, member_ack{m.number, {}}});
  else if (members_.find(m.whom.id)) // strangers are pinged for nobody
    ping(m.whom, {}, now + settings_->period, std::pair(from, m.number), now, out);
}

void swim::on(const contact& from, const member_news& m, node_time now, membership_output& out) {
  hear(m.tidings, now, out);
  const auto tells_our_death = [&](const news& one) {
    const auto* d = std::get_if<std::shared_ptr<const death>>(&one);
    return d != nullptr && !(*d)->accusations.empty() &&
           (*d)->accusations.front().suspect == self_->node.id;
  };
  if (std::ranges::none_of(m.tidings, tells_our_death))
    return;
  // We are no member to it, and may take it for dead ourselves.
  out.sends.push_back({from, member_news{{self_}}});
  tell_dead(from.id, out);
}

void swim::sync(node_time now, membership_output& out) {
  last_sync_ = now;
  next_sync_ = now + settings_->sync_every;
  // After a split of the network both halves take each other for dead.
  if (!dead_.empty())
    tell_dead(
        std::next(dead_.begin(), static_cast<std::ptrdiff_t>(random_.below(dead_.size())))->first,
        out);
  if (members_.size() == 0)
    return;
  // A page, behind anybody.
  walk w{knows_others_ ? *knows_others_ : any_member(), any_member().id, {}};
  knows_others_.reset();
  ask_members(w, now, out);
}

void swim::ask_members(walk& w, node_time now, membership_output& out) {
  w.ask_again = now + settings_->request_wait;
  schedule(w.ask_again);
  out.sends.push_back({w.whom, members_request{w.after, {settings_->datagram_bytes}}});
}

// Who is only said to be there is asked so often; a seed that was given, for ever.
void swim::walk_on(node_time now, membership_output& out) {
  std::erase_if(walks_, [&](const walk& w) { return w.ask_again <= now && w.tries_left == 1; });
  for (auto& w : walks_) {
    if (w.ask_again > now)
      continue;
    if (w.tries_left > 0)
      --w.tries_left;
    ask_members(w, now, out);
  }
}

void swim::on(const contact& from, const members_request& m, node_time, membership_output& out) {
  members_reply reply{{self_}};
  auto bytes = packed_size(news(self_));
  const auto first = members_.find(m.after);
  auto place = first ? *first + 1 : members_.first_from(m.after);
  for (std::size_t i = 0; i < members_.size(); ++i, ++place) {
    const auto& one = members_.pointer(place % members_.size());
    bytes += packed_size(news(one));
    if (bytes > m.filler.bytes)
      break;
    reply.members.push_back(one);
  }
  out.sends.push_back({from, std::move(reply)});
}

void swim::on(const contact& from, const members_reply& m, node_time now, membership_output& out) {
  if (m.members.empty() || m.members.size() > settings_->datagram_bytes) {
    out.refused.push_back("a list of members is empty or too long");
    return;
  }
  for (const auto& one : m.members)
    hear_one(one, false, now, out);
  const auto w = std::ranges::find_if(walks_, [&](const walk& one) {
    return one.whom.id == from.id || (one.whom.id == node_id{} && one.whom.where == from.where);
  });
  if (w == walks_.end())
    return;
  w->whom.id = from.id; // of a seed nothing but the address was known
  const auto& last = m.members.back()->node.id;
  // The first is the answerer itself.
  const bool round = distance(w->end, last) <= distance(w->end, w->after);
  if (m.members.size() == 1 || round) {
    walks_.erase(w);
    pass_on_soon(self_, now); // now there is somebody to tell
    return;
  }
  w->after = last;
  if (w->tries_left > 0)
    w->tries_left = settings_->guesses_tries;
  ask_members(*w, now, out);
}

} // namespace dci
