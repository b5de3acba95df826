#include "actors/overlay/record_keeper.hpp"

#include <algorithm>
#include <utility>

#include "actors/overlay/add_what_fits.hpp"
#include "actors/overlay/ring_distance.hpp"

namespace dci {

namespace {

constexpr std::size_t most_pushed = 256; // datagrams, by a node that leaves

bool is_in(const std::vector<contact>& nodes, const node_id& id) {
  return std::ranges::find(nodes, id, &contact::id) != nodes.end();
}

bool same(const std::vector<contact>& a, const std::vector<contact>& b) {
  return std::ranges::equal(a, b, {}, &contact::id, &contact::id);
}

} // namespace

record_keeper::record_keeper(const contact& self, const record_settings& settings,
                             const record_world& world, random_source random)
    : self_(self), settings_(&settings), world_(&world), shelf_(settings, *world.seal),
      exchange_(settings, shelf_, random),
      // Twice as many as there are: some of those heard of may just have died.
      givers_(self.id, 2 * settings.copies, settings.keep_unwanted) {
}

bool record_keeper::owns(const node_id& name) const {
  // Without a predecessor nobody else is known to be.
  return !place_.predecessor || in_half_open(place_.predecessor->id, name, self_.id);
}

void record_keeper::move(ring_place place, node_time now) {
  const auto before = std::exchange(place_, std::move(place));
  if (!same(before.successors, place_.successors)) {
    agreed_digest_.reset();
    const auto is_gone = [&](const auto& one) { return !is_in(place_.successors, one.holder.id); };
    std::erase_if(redirects_, is_gone);
    std::erase_if(takeovers_, is_gone);
    next_compare_ = std::min(next_compare_, now + settings_->compare_soon);
    // Who had nobody behind himself before may lack what they have.
    if (before.successors.empty())
      settled_ = false;
  }
  const auto id_of = [](const std::optional<contact>& c) { return c ? c->id : node_id{}; };
  if (before.predecessor && id_of(before.predecessor) != id_of(place_.predecessor))
    lost_ = before.predecessor;
  if (place_.predecessor && id_of(before.predecessor) != id_of(place_.predecessor)) {
    shelf_.own(place_.predecessor->id, self_.id);
    settled_ = place_.successors.empty();
    // What was compared were the names of another range.
    exchange_.stop_comparing();
    agreed_.clear();
    next_compare_ = std::min(next_compare_, now + settings_->compare_soon);
    // One that came between has not lost anybody.
    if (lost_ && in_open(place_.predecessor->id, lost_->id, self_.id))
      take_over(*lost_, place_.predecessor->id);
    lost_.reset();
    const auto is_others = [&](const auto& one) { return !owns(one.until); };
    std::erase_if(redirects_, is_others);
    std::erase_if(takeovers_, is_others);
  }
}

void record_keeper::leave(overlay_output& out) {
  if (place_.successors.empty() || !place_.predecessor)
    return;
  const auto& after = place_.predecessor->id;
  if (agreed_digest_ == shelf_.digest(after, self_.id))
    return;
  replicate batch;
  std::size_t pushed = 0;
  const auto send = [&] {
    if (!batch.records.empty() && pushed++ < most_pushed)
      out.sends.push_back({place_.successors.front(), std::move(batch)});
    batch.records.clear();
  };
  shelf_.for_each(after, self_.id, [&](const record_ptr& r) {
    if (packed_size(batch) + packed_size(*r) > settings_->room_bytes)
      send();
    batch.records.push_back(r);
  });
  send();
}

void record_keeper::receive(const contact& from, const overlay_message& message, node_time now,
                            overlay_output& out) {
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { on(from, m, now, out); })
          on(from, m, now, out);
        else if constexpr (requires { exchange_.on(from, m, now, out); })
          exchange_.on(from, m, now, out);
        else if constexpr (requires { exchange_.on(from, m, std::uint64_t{}, now, out); })
          exchange_.on(from, m, world_->clock(now), now, out);
      },
      message);
  take_differing(now);
  take_agreed(now);
}

void record_keeper::on(const contact& from, const store_request& m, node_time now,
                       overlay_output& out) {
  if (m.record->publisher != from.id) {
    out.sends.push_back({from, store_reply{m.nonce, store_outcome::forged}});
    out.refused.push_back("a record does not come from its publisher");
    return;
  }
  auto outcome = store_outcome::not_mine;
  const bool is_held =
      shelf_.find(record_tag{m.record->name, m.record->publisher, m.record->version}) != nullptr;
  if (owns(m.record->name))
    outcome = shelf_.put(m.record, world_->clock(now), now + settings_->keep_unwanted);
  out.sends.push_back({from, store_reply{m.nonce, outcome}});
  if (outcome != store_outcome::stored) {
    out.refused.push_back(to_string(outcome));
    return;
  }
  // What was held already was not looked at again: it may be another one under the same version.
  if (is_held)
    return;
  for (const auto& one : place_.successors)
    out.sends.push_back({one, replicate{{m.record}}});
}

bool record_keeper::is_giver(const contact& from, node_time now, overlay_output& out) {
  if (!place_.predecessor || givers_.take(from.id, place_.predecessor->id, now))
    return true;
  out.refused.push_back("copies of a node's records that are kept elsewhere");
  return false;
}

void record_keeper::on(const contact& from, const range_check& m, node_time now,
                       overlay_output& out) {
  if (!givers_.may_give(from.id, m.after, m.until))
    out.refused.push_back("a node compares records that are not its own");
  else if (is_giver(from, now, out))
    exchange_.on(from, m, now, out);
}

void record_keeper::on(const contact& from, const range_tags& m, node_time now,
                       overlay_output& out) {
  if (!givers_.may_give(from.id, m.after, m.until))
    out.refused.push_back("a node compares records that are not its own");
  else if (is_giver(from, now, out))
    exchange_.on(from, m, now, out);
}

void record_keeper::on(const contact& from, const replicate& m, node_time now,
                       overlay_output& out) {
  if (!is_giver(from, now, out))
    return;
  for (const auto& record : m.records) {
    const auto outcome =
        in_half_open(self_.id, record->name, from.id)
            ? shelf_.put(record, world_->clock(now), now + settings_->keep_unwanted)
            : store_outcome::not_mine;
    if (outcome != store_outcome::stored)
      out.refused.push_back(to_string(outcome));
  }
}

void record_keeper::on(const contact& from, const fetch_request& m, node_time now,
                       overlay_output& out) {
  fetch_reply reply{m.nonce, {}, false, {}};
  if (!m.direct)
    if (const auto elsewhere = redirect_for(m.name, now)) {
      add_what_fits(reply, reply.redirect, {*elsewhere}, packed_size(m));
      out.sends.push_back({from, std::move(reply)});
      return;
    }
  auto held = shelf_.find(m.name);
  std::erase_if(held, [&](const record_ptr& r) {
    return r->publisher <= m.after || r->expires <= world_->clock(now);
  });
  add_what_fits(reply, reply.records, held, packed_size(m));
  reply.more = reply.records.size() < held.size();
  out.sends.push_back({from, std::move(reply)});
}

void record_keeper::compare(node_time now, overlay_output& out) {
  next_compare_ = now + settings_->compare_every;
  if (!place_.predecessor)
    return;
  for (const auto& one : place_.successors)
    exchange_.compare(one, place_.predecessor->id, self_.id, now, out);
  if (!settled_)
    next_compare_ = now + settings_->compare_soon;
}

void record_keeper::tick(node_time now, overlay_output& out) {
  if (next_drop_ <= now) {
    next_drop_ = now + settings_->compare_every;
    const auto clock = world_->clock(now);
    shelf_.drop_expired(clock);
    if (place_.predecessor)
      shelf_.want(place_.predecessor->id, self_.id, now + settings_->keep_unwanted);
    shelf_.drop_unwanted(now);
    std::erase_if(redirects_, [&](const auto& one) { return one.expires <= clock; });
  }
  if (next_compare_ <= now)
    compare(now, out);
  exchange_.tick(now, out);
}

node_time record_keeper::next_tick() const {
  return std::min({next_compare_, next_drop_, exchange_.next_tick()});
}

} // namespace dci
