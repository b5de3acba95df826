#include "actors/overlay/record_exchange.hpp"

#include <algorithm>
#include <utility>

#include "actors/overlay/add_what_fits.hpp"
#include "actors/overlay/ring_distance.hpp"

namespace dci {

namespace {

constexpr std::size_t most_pulls = 8;

} // namespace

record_exchange::record_exchange(const record_settings& settings, record_shelf& shelf,
                                 random_source random)
    : settings_(&settings), shelf_(&shelf), random_(random) {
}

bool record_exchange::is_under_way(const node_id& with) const {
  const auto is_with = [&](const auto& one) { return one.with.id == with; };
  const auto is_from = [&](const pull& one) { return one.from.id == with; };
  return std::ranges::any_of(comparisons_, is_with) || std::ranges::any_of(pulls_, is_from);
}

void record_exchange::compare(const contact& with, const node_id& after, const node_id& until,
                              node_time now, overlay_output& out) {
  if (is_under_way(with.id))
    return;
  comparisons_.push_back({with, after, until});
  ask(comparisons_.back(), now, out);
}

// All versions in (after, until], or in as much of it from its beginning as one datagram holds:
// then until is moved there.
std::vector<record_tag> record_exchange::tags_of(const node_id& after, node_id& until) const {
  std::vector<record_tag> out;
  bool is_full = false;
  auto name = after;
  shelf_->for_each(after, until, [&](const record_ptr& r) {
    // A name's publishers stay together.
    is_full = is_full || (out.size() >= settings_->most_tags && r->name != name);
    if (is_full)
      return;
    name = r->name;
    out.push_back({r->name, r->publisher, r->version});
  });
  while (out.size() > settings_->most_tags && out.front().name != out.back().name) {
    const auto cut = out.back().name;
    std::erase_if(out, [&](const record_tag& tag) { return tag.name == cut; });
    name = out.back().name;
    is_full = true;
  }
  if (is_full)
    until = name;
  return out;
}

void record_exchange::ask(comparison& c, node_time now, overlay_output& out) {
  c.nonce = any_nonce();
  c.asked = now;
  ++c.tries;
  if (!c.by_tags) {
    out.sends.push_back(
        {c.with, range_check{c.nonce, c.after, c.until, shelf_->digest(c.after, c.until)}});
    return;
  }
  range_tags page{c.nonce, c.after, c.until, {}, {}};
  page.tags = tags_of(c.after, page.until);
  const auto used = packed_size(page);
  if (used < settings_->room_bytes)
    page.room.bytes = static_cast<std::uint32_t>(settings_->room_bytes - used);
  out.sends.push_back({c.with, std::move(page)});
}

void record_exchange::on(const contact& from, const range_check& m, node_time now,
                         overlay_output& out) {
  shelf_->want(m.after, m.until, now + settings_->keep_unwanted);
  out.sends.push_back({from, range_state{m.nonce, shelf_->digest(m.after, m.until)}});
}

void record_exchange::on(const contact& from, const range_state& m, node_time now,
                         overlay_output& out) {
  const auto c = std::ranges::find_if(comparisons_, [&](const comparison& one) {
    return one.nonce == m.nonce && one.with.id == from.id && !one.by_tags;
  });
  if (c == comparisons_.end())
    return;
  if (m.digest == shelf_->digest(c->after, c->until)) {
    agreed_.push_back(from.id);
    comparisons_.erase(c);
    return;
  }
  differing_.push_back(from.id);
  c->by_tags = true;
  c->tries = 0;
  ask(*c, now, out);
}

void record_exchange::on(const contact& from, const range_tags& m, node_time now,
                         overlay_output& out) {
  if (m.tags.size() > settings_->most_tags) {
    out.refused.push_back("a list of records is too long");
    return;
  }
  std::vector<record_tag> lacking, beside;
  for (const auto& tag : m.tags)
    if (in_half_open(m.after, tag.name, m.until) && !shelf_->find(tag))
      lacking.push_back(tag);
  shelf_->for_each(m.after, m.until, [&](const record_ptr& r) {
    const bool is_known = std::ranges::any_of(m.tags, [&](const record_tag& tag) {
      return tag.name == r->name && tag.publisher == r->publisher && tag.version >= r->version;
    });
    if (!is_known && beside.size() < 2 * settings_->most_tags)
      beside.push_back({r->name, r->publisher, r->version});
  });
  range_tags_reply reply{m.nonce, m.until, {}};
  add_what_fits(reply, reply.tags, beside, packed_size(m));
  if (reply.tags.size() < beside.size()) {
    // A name's publishers stay together: one that would be cut comes with the next page.
    const auto& cut = beside[reply.tags.size()].name;
    if (!reply.tags.empty() && reply.tags.front().name != cut)
      std::erase_if(reply.tags, [&](const record_tag& tag) { return tag.name == cut; });
    reply.until = reply.tags.empty() ? m.after : reply.tags.back().name;
  }
  const bool is_padded = packed_size(m) >= settings_->room_bytes;
  out.sends.push_back({from, std::move(reply)});
  // A request as long as an answer goes only to who has sent as much.
  if (is_padded)
    want(from, std::move(lacking), now, out);
}

void record_exchange::on(const contact& from, const range_tags_reply& m, node_time now,
                         overlay_output& out) {
  const auto c = std::ranges::find_if(comparisons_, [&](const comparison& one) {
    return one.nonce == m.nonce && one.with.id == from.id && one.by_tags;
  });
  if (c == comparisons_.end())
    return;
  if (m.tags.size() > 2 * settings_->most_tags || !in_half_open(c->after, m.until, c->until)) {
    out.refused.push_back("a list of records is too long");
    comparisons_.erase(c);
    return;
  }
  std::vector<record_tag> lacking;
  for (const auto& tag : m.tags)
    if (in_half_open(c->after, tag.name, m.until) && !shelf_->find(tag))
      lacking.push_back(tag);
  if (m.until == c->until) {
    comparisons_.erase(c);
  } else {
    c->after = m.until;
    c->tries = 0;
    ask(*c, now, out);
  }
  want(from, std::move(lacking), now, out);
}

void record_exchange::want(const contact& from, std::vector<record_tag> tags, node_time now,
                           overlay_output& out) {
  if (tags.empty())
    return;
  const auto known =
      std::ranges::find_if(pulls_, [&](const pull& p) { return p.from.id == from.id; });
  if (known == pulls_.end()) {
    if (pulls_.size() >= most_pulls) // it is compared again
      return;
    pulls_.push_back({from, std::move(tags)});
    ask(pulls_.back(), now, out);
    return;
  }
  for (auto& tag : tags)
    if (known->tags.size() < 16 * settings_->most_tags)
      known->tags.push_back(tag);
}

void record_exchange::ask(pull& p, node_time now, overlay_output& out) {
  p.nonce = any_nonce();
  p.asked = now;
  ++p.tries;
  records_request m{p.nonce, {}, {}};
  for (const auto& tag : p.tags)
    if (m.tags.size() < settings_->most_tags / 2)
      m.tags.push_back(tag);
  // The room's own length may take a byte more.
  m.room.bytes = static_cast<std::uint32_t>(
      settings_->room_bytes - std::min<std::size_t>(packed_size(m) + 1, settings_->room_bytes));
  out.sends.push_back({p.from, std::move(m)});
}

void record_exchange::on(const contact& from, const records_request& m, node_time,
                         overlay_output& out) {
  if (m.tags.size() > settings_->most_tags) {
    out.refused.push_back("a list of records is too long");
    return;
  }
  std::vector<record_ptr> held;
  for (const auto& tag : m.tags)
    if (auto record = shelf_->find(tag))
      held.push_back(std::move(record));
  records_reply reply{m.nonce, {}};
  add_what_fits(reply, reply.records, held, packed_size(m));
  out.sends.push_back({from, std::move(reply)});
}

void record_exchange::on(const contact& from, const records_reply& m, std::uint64_t unix_time,
                         node_time now, overlay_output& out) {
  const auto p = std::ranges::find_if(
      pulls_, [&](const pull& one) { return one.nonce == m.nonce && one.from.id == from.id; });
  if (p == pulls_.end())
    return;
  const auto is_for = [](const overlay_record& r) {
    return
        [&r](const record_tag& tag) { return tag.name == r.name && tag.publisher == r.publisher; };
  };
  bool has_come = false;
  for (const auto& record : m.records) {
    // Only what was asked for.
    if (std::erase_if(p->tags, is_for(*record)) == 0)
      continue;
    has_come = true;
    const auto outcome = shelf_->put(record, unix_time, now + settings_->keep_unwanted);
    if (outcome != store_outcome::stored)
      out.refused.push_back(to_string(outcome));
  }
  p->tries = 0;
  if (has_come && !p->tags.empty())
    ask(*p, now, out);
  else
    pulls_.erase(p); // whatever else it had is gone
}

void record_exchange::tick(node_time now, overlay_output& out) {
  const auto go_on = [&](auto& list) {
    for (auto& one : list)
      if (one.asked + settings_->answer_within <= now && one.tries < settings_->tries)
        ask(one, now, out);
    std::erase_if(list,
                  [&](const auto& one) { return one.asked + settings_->answer_within <= now; });
  };
  go_on(comparisons_);
  go_on(pulls_);
}

node_time record_exchange::next_tick() const {
  auto next = no_time;
  for (const auto& one : comparisons_)
    next = std::min(next, one.asked + settings_->answer_within);
  for (const auto& one : pulls_)
    next = std::min(next, one.asked + settings_->answer_within);
  return next;
}

} // namespace dci
