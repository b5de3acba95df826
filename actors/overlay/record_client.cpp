#include "actors/overlay/record_client.hpp"

#include <algorithm>
#include <utility>

#include "actors/overlay/ring_distance.hpp"
#include "actors/packed_size.hpp"

namespace dci {

record_client::record_client(const contact& self, const record_settings& settings,
                             const record_world& world, random_source random)
    : self_(self), settings_(&settings), world_(&world), random_(random) {
}

std::uint64_t record_client::publish(const node_id& name, std::vector<std::uint8_t> value,
                                     chord& ring, node_time now, overlay_output& out) {
  auto& what = published_[name];
  what.value = std::move(value);
  return store(name, what, ring, now, out);
}

void record_client::withdraw(const node_id& name) {
  published_.erase(name);
}

std::uint64_t record_client::store(const node_id& name, publication& what, chord& ring,
                                   node_time now, overlay_output& out) {
  const auto clock = world_->clock(now);
  // Above all of earlier runs, too. Where the clock was set back since, the owner calls this stale
  // until the clock has caught up or what it holds has expired.
  what.version = std::max(what.version + 1, clock);
  what.again = now + settings_->republish_every;
  overlay_record r;
  r.name = name;
  r.publisher = self_.id;
  r.version = what.version;
  r.expires = clock + static_cast<std::uint64_t>(settings_->lifetime.count());
  r.value = what.value;
  world_->seal->sign(r);
  job j;
  j.result.published = true;
  j.result.name = name;
  j.record = std::make_shared<const overlay_record>(std::move(r));
  const auto number = j.number = random_.next();
  begin(std::move(j), ring, now, out);
  return number;
}

std::uint64_t record_client::read(const node_id& name, chord& ring, node_time now,
                                  overlay_output& out) {
  job j;
  j.result.name = name;
  const auto number = j.number = random_.next();
  begin(std::move(j), ring, now, out);
  return number;
}

void record_client::begin(job j, chord& ring, node_time now, overlay_output& out) {
  j.result.number = j.number;
  j.began = now;
  jobs_.push_back(std::move(j));
  look_up(jobs_.back(), ring, now, out);
}

void record_client::look_up(job& j, chord& ring, node_time now, overlay_output& out) {
  j.at = stage::looking;
  j.until = no_time; // a lookup ends for sure
  ++j.result.tries;
  j.result.records.clear();
  j.lookup = ring.look_up(j.result.name, now, out);
}

bool record_client::take(const lookup_result& found, node_time now, overlay_output& out) {
  const auto j = std::ranges::find_if(jobs_, [&](const job& one) {
    return one.at == stage::looking && one.lookup == found.lookup;
  });
  if (j == jobs_.end())
    return false;
  if (!found.found) {
    try_again(*j, now, out);
    return true;
  }
  j->owner = found.owner;
  ask(*j, found.owner, false, now, out);
  return true;
}

void record_client::ask(job& j, const contact& whom, bool direct, node_time now,
                        overlay_output& out) {
  j.at = stage::asked;
  j.whom = whom;
  j.direct = direct;
  j.nonce = static_cast<std::uint32_t>(random_.next());
  j.until = now + settings_->answer_within;
  if (j.record) {
    out.sends.push_back({whom, store_request{j.nonce, j.record}});
    return;
  }
  fetch_request m{j.nonce, j.result.name, {}, direct, {settings_->room_bytes}};
  if (!j.result.records.empty())
    m.after = j.result.records.back()->publisher;
  out.sends.push_back({whom, std::move(m)});
}

record_client::job* record_client::find(const contact& from, std::uint32_t nonce) {
  const auto j = std::ranges::find_if(jobs_, [&](const job& one) {
    return one.at == stage::asked && one.nonce == nonce && one.whom.id == from.id;
  });
  return j == jobs_.end() ? nullptr : &*j;
}

void record_client::receive(const contact& from, const overlay_message& message, node_time now,
                            overlay_output& out) {
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { on(from, m, now, out); })
          on(from, m, now, out);
      },
      message);
}

void record_client::on(const contact& from, const store_reply& m, node_time now,
                       overlay_output& out) {
  auto* j = find(from, m.nonce);
  if (j == nullptr || !j->record)
    return;
  j->result.outcome = m.outcome;
  if (m.outcome == store_outcome::not_mine)
    try_again(*j, now, out); // the ring has changed since
  else
    end(*j, m.outcome == store_outcome::stored, now, out);
}

bool record_client::is_sound(const record_redirect& r, const job& j, node_time now) const {
  return r.issuer == j.whom.id && r.holder.id != r.issuer && r.expires > world_->clock(now) &&
         in_half_open(r.after, j.result.name, r.until) && world_->seal->holds(r);
}

void record_client::on(const contact& from, const fetch_reply& m, node_time now,
                       overlay_output& out) {
  auto* j = find(from, m.nonce);
  if (j == nullptr || j->record)
    return;
  if (!m.redirect.empty()) {
    // Who was asked to answer himself sends nobody on.
    if (j->direct || m.redirect.size() > 1 || !is_sound(m.redirect.front(), *j, now)) {
      out.refused.push_back("a redirect that is none");
      return try_again(*j, now, out);
    }
    j->result.redirected = true;
    return ask(*j, m.redirect.front().holder, true, now, out);
  }
  auto& have = j->result.records;
  const auto had = have.size();
  for (const auto& record : m.records) {
    const auto sound = judge(*record, *settings_, *world_->seal, world_->clock(now));
    const bool is_next = have.empty() || have.back()->publisher < record->publisher;
    if (record->name != j->result.name || !is_next || have.size() >= settings_->most_publishers)
      out.refused.push_back("a record that nobody asked for");
    else if (sound != store_outcome::stored)
      out.refused.push_back(to_string(sound));
    else
      have.push_back(record);
  }
  if (m.more && have.size() > had && have.size() < settings_->most_publishers)
    return ask(*j, j->whom, j->direct, now, out);
  // Who was named may lack what the owner has.
  if (have.empty() && j->whom.id != j->owner.id)
    return ask(*j, j->owner, true, now, out);
  // Where there is nothing the ring may just have changed.
  if (have.empty() && j->result.tries == 1)
    return try_again(*j, now, out);
  end(*j, true, now, out);
}

void record_client::try_again(job& j, node_time now, overlay_output& out) {
  if (j.result.tries >= settings_->tries)
    return end(j, false, now, out);
  j.at = stage::waiting;
  j.until = now + settings_->answer_within;
}

void record_client::end(job& j, bool done, node_time now, overlay_output& out) {
  j.result.done = done;
  j.result.took = now - j.began;
  if (j.record)
    j.result.records = {j.record};
  out.records.push_back(std::move(j.result));
  jobs_.erase(jobs_.begin() + (&j - jobs_.data()));
}

void record_client::tick(chord& ring, node_time now, overlay_output& out) {
  std::vector<std::uint64_t> due;
  for (const auto& j : jobs_)
    if (j.until <= now)
      due.push_back(j.number);
  for (const auto number : due) {
    auto& j = *std::ranges::find(jobs_, number, &job::number);
    if (j.at == stage::waiting)
      look_up(j, ring, now, out);
    else if (j.whom.id != j.owner.id)
      ask(j, j.owner, true, now, out); // who was named instead does not answer
    else
      try_again(j, now, out);
  }
  for (auto& [name, what] : published_)
    if (what.again <= now)
      store(name, what, ring, now, out);
}

node_time record_client::next_tick() const {
  auto next = no_time;
  for (const auto& j : jobs_)
    next = std::min(next, j.until);
  for (const auto& [name, what] : published_)
    next = std::min(next, what.again);
  return next;
}

} // namespace dci
