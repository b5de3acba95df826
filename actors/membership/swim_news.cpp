// What members hear of one another, and make of it.
#include <algorithm>
#include <cmath>

#include "actors/membership/swim.hpp"

namespace dci {

void swim::hear(const std::vector<news>& tidings, node_time now, membership_output& out) {
  for (const auto& one : tidings)
    std::visit(
        [&](const auto& item) {
          if constexpr (std::is_same_v<std::decay_t<decltype(item)>, presence_ptr>)
            hear_one(item, true, now, out);
          else
            hear_one(item, now, out);
        },
        one);
}

std::uint32_t swim::repeats() const {
  const auto rounds = std::log2(static_cast<double>(members_.size()) + 2);
  return static_cast<std::uint32_t>(std::ceil(settings_->news_repeats * rounds));
}

std::size_t swim::accusers_needed() const {
  // With two others nobody can second an accusation of one of them but the other.
  return members_.size() < 3 ? 1 : settings_->accusers_needed;
}

void swim::pass_on(news item) {
  news_.add(std::move(item));
}

void swim::send_news(node_time now, membership_output& out) {
  next_news_ = no_time;
  if (news_.empty() || members_.size() == 0)
    return;
  for (std::uint32_t i = 0; i < settings_->news_to && !news_.empty(); ++i)
    out.sends.push_back(
        {any_member(), member_news{news_.take(settings_->datagram_bytes, repeats())}});
  if (!news_.empty()) {
    next_news_ = now + settings_->news_every;
    schedule(next_news_);
  }
}

void swim::hear_one(const presence_ptr& p, bool tell_others, node_time now,
                    membership_output& out) {
  const auto& id = p->node.id;
  if (id == self_->node.id) {
    // Said before a restart, of which nothing is left.
    if (p->incarnation > self_->incarnation && seal_->holds(*p))
      raise_incarnation(p->incarnation, now);
    return;
  }
  const auto place = members_.find(id);
  if (place && members_.at(*place).incarnation >= p->incarnation)
    return;
  const auto dead = dead_.find(id);
  if (dead != dead_.end() && dead->second.incarnation >= p->incarnation)
    return;
  if (!place && members_.size() >= settings_->most_members) {
    out.refused.push_back("there are too many members");
    return;
  }
  if (!seal_->holds(*p)) {
    out.refused.push_back("a presence is not signed by its node");
    return;
  }
  if (p->leaves) {
    bury({p->node, p->incarnation, nullptr, now}, member_change::left, false, out);
  } else {
    if (!place)
      out.events.push_back({member_change::came, p->node});
    else if (members_.at(*place).node.where != p->node.where)
      out.events.push_back({member_change::moved, p->node});
    members_.put(p);
    if (suspects_.erase(id) > 0)
      out.events.push_back({member_change::cleared, p->node});
    dead_.erase(id);
  }
  if (tell_others)
    pass_on_soon(p, now);
}

void swim::pass_on_soon(news item, node_time now) {
  pass_on(std::move(item));
  if (next_news_ == no_time) {
    next_news_ = now;
    schedule(now);
  }
}

void swim::raise_incarnation(std::uint32_t above, node_time now) {
  auto p = *self_;
  p.incarnation = above + 1;
  seal_->sign(p);
  self_ = std::make_shared<const presence>(p);
  pass_on_soon(self_, now);
}

void swim::accuse(const contact& whom, node_time now, membership_output& out) {
  health_ = std::min(health_ + 1, settings_->most_health);
  const auto place = members_.find(whom.id);
  if (!place)
    return;
  suspicion s{whom.id, members_.at(*place).incarnation, self_->node.id, {}, {}};
  seal_->sign(s);
  // The suspect hears it first, and those that will look after it.
  out.sends.push_back(
      {whom, member_ping{static_cast<std::uint32_t>(random_.next()), digest(), {s}}});
  const auto all = members_.size();
  for (std::size_t step = 1; step <= settings_->neighbours_check && 2 * step < all; ++step)
    for (const auto at : {(*place + step) % all, (*place + all - step) % all})
      out.sends.push_back({members_.at(at).node, member_news{{s}}});
  hear_one(s, now, out);
}

void swim::hear_one(const suspicion& s, node_time now, membership_output& out) {
  const bool mine = s.accuser == self_->node.id;
  if (s.suspect == self_->node.id) {
    // A higher one is a lie: nobody but us can have raised it.
    if (s.incarnation == self_->incarnation && seal_->holds(s)) {
      health_ = std::min(health_ + 1, settings_->most_health);
      raise_incarnation(s.incarnation, now);
    } else if (s.incarnation < self_->incarnation) {
      pass_on_soon(self_, now); // our answer to it has not come everywhere
    }
    return;
  }
  const auto place = members_.find(s.suspect);
  if (!place) {
    // Somebody has missed the funeral.
    if (const auto dead = dead_.find(s.suspect);
        dead != dead_.end() && dead->second.how && dead->second.incarnation >= s.incarnation)
      pass_on_soon(dead->second.how, now);
    return;
  }
  if (s.incarnation != members_.at(*place).incarnation || s.accuser == s.suspect ||
      (!mine && !members_.find(s.accuser)))
    return;
  if (!seal_->holds(s)) {
    out.refused.push_back("an accusation is not signed by its accuser");
    return;
  }
  auto& of = suspects_[s.suspect];
  if (of.accusations.empty())
    of = {s.incarnation, {}, now, {}};
  if (of.accusations.size() >= settings_->accusers_wanted ||
      std::ranges::find(of.accusations, s.accuser, &suspicion::accuser) != of.accusations.end())
    return;
  of.accusations.push_back(s);
  const auto count = of.accusations.size();
  const auto& whom = members_.at(*place).node;
  if (count == 1)
    out.events.push_back({member_change::suspected, whom});
  // Lifeguard's dynamic time-out.
  const auto least = static_cast<double>(settings_->least_suspicion.count());
  const auto most = static_cast<double>(settings_->most_suspicion.count());
  const auto share = std::log(static_cast<double>(count)) /
                     std::log(static_cast<double>(settings_->accusers_wanted));
  of.until =
      of.since + node_clock::duration(static_cast<node_clock::rep>(most - (most - least) * share));
  schedule(of.until);
  if (count <= settings_->accusers_needed)
    pass_on_soon(s, now);
  if (mine)
    return;
  const auto here = members_.first_from(self_->node.id);
  const bool close =
      members_.steps_between(here % members_.size(), *place) <= settings_->neighbours_check;
  const bool asked = std::ranges::find(probes_, s.suspect,
                                       [](const probe& p) { return p.whom.id; }) != probes_.end();
  if (close && !asked)
    ping(whom, {}, now + slowed(settings_->period), {}, now, out);
}

void swim::judge(node_time now, membership_output& out) {
  std::vector<std::shared_ptr<const death>> found_dead;
  std::vector<node_id> cleared;
  for (auto& [id, s] : suspects_) {
    if (s.until > now)
      continue;
    const auto longest = s.since + 2 * settings_->most_suspicion;
    if (s.accusations.size() >= accusers_needed()) {
      auto accusations = s.accusations;
      accusations.resize(accusers_needed());
      found_dead.push_back(std::make_shared<const death>(death{std::move(accusations)}));
    } else if (longest <= now) {
      cleared.push_back(id); // nobody seconds it
    } else {
      s.until = longest;
    }
  }
  for (const auto& id : cleared) {
    suspects_.erase(id);
    if (const auto place = members_.find(id))
      out.events.push_back({member_change::cleared, members_.at(*place).node});
  }
  for (const auto& how : found_dead) {
    const auto& accusation = how->accusations.front();
    const auto place = members_.find(accusation.suspect);
    bury({members_.at(*place).node, accusation.incarnation, how, now}, member_change::died, true,
         out);
    pass_on_soon(how, now);
  }
}

void swim::hear_one(const std::shared_ptr<const death>& d, node_time now, membership_output& out) {
  const auto& all = d->accusations;
  if (all.empty() || all.size() > settings_->accusers_wanted) {
    out.refused.push_back("a death has no accusers or too many");
    return;
  }
  const auto& first = all.front();
  if (first.suspect == self_->node.id) {
    if (first.incarnation == self_->incarnation && seal_->holds(first))
      raise_incarnation(first.incarnation, now);
    return;
  }
  const auto place = members_.find(first.suspect);
  if (!place || members_.at(*place).incarnation != first.incarnation)
    return;
  std::vector<node_id> accusers;
  for (const auto& one : all) {
    const bool fits = one.suspect == first.suspect && one.incarnation == first.incarnation &&
                      one.accuser != one.suspect &&
                      std::ranges::find(accusers, one.accuser) == accusers.end() &&
                      (one.accuser == self_->node.id || members_.find(one.accuser));
    if (fits && seal_->holds(one))
      accusers.push_back(one.accuser);
  }
  if (accusers.size() < accusers_needed()) {
    out.refused.push_back("a death lacks accusers");
    return;
  }
  bury({members_.at(*place).node, first.incarnation, d, now}, member_change::died, false, out);
  pass_on_soon(d, now);
}

void swim::bury(const dead_node& how, member_change change, bool declared_here,
                membership_output& out) {
  const auto& id = how.node.id;
  const bool was_member = members_.find(id).has_value();
  suspects_.erase(id);
  std::erase_if(probes_, [&](const probe& p) { return p.whom.id == id && !p.asked_by; });
  dead_[id] = how;
  if (was_member)
    out.events.push_back({change, how.node, declared_here});
  members_.remove(id);
}

// Who was taken for dead must learn it, where we knew him to be.
void swim::tell_dead(const node_id& id, membership_output& out) {
  const auto dead = dead_.find(id);
  if (dead != dead_.end() && dead->second.how)
    out.sends.push_back({dead->second.node, member_news{{dead->second.how}}});
}

} // namespace dci
