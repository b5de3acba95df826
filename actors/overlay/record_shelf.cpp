#include "actors/overlay/record_shelf.hpp"

#include <algorithm>

#include "actors/overlay/ring_distance.hpp"
#include "actors/packed_size.hpp"
#include "runtime/base/random.hpp"

namespace dci {

std::string_view to_string(store_outcome outcome) {
  switch (outcome) {
    case store_outcome::stored:
      return "stored";
    case store_outcome::not_mine:
      return "a record belongs to another node";
    case store_outcome::stale:
      return "a record is older than the one that is held";
    case store_outcome::expired:
      return "a record has expired";
    case store_outcome::too_long:
      return "a record claims to be good for too long";
    case store_outcome::too_large:
      return "a record is too large";
    case store_outcome::name_full:
      return "a name has too many publishers";
    case store_outcome::publisher_full:
      return "a publisher has too many records here";
    case store_outcome::full:
      return "there is no room for more records";
    case store_outcome::forged:
      return "a record is not signed by its publisher";
  }
  return "unknown";
}

store_outcome judge(const overlay_record& r, const record_settings& settings,
                    const record_seal& seal, std::uint64_t unix_time) {
  const auto lifetime = static_cast<std::uint64_t>(settings.lifetime.count());
  const auto skew = static_cast<std::uint64_t>(settings.clock_skew.count());
  if (r.value.size() > settings.most_value_bytes)
    return store_outcome::too_large;
  if (r.expires <= unix_time)
    return store_outcome::expired;
  if (r.expires - unix_time > lifetime + skew)
    return store_outcome::too_long;
  return seal.holds(r) ? store_outcome::stored : store_outcome::forged;
}

record_shelf::record_shelf(const record_settings& settings, const record_seal& seal)
    : settings_(&settings), seal_(&seal) {
}

store_outcome record_shelf::put(const record_ptr& record, std::uint64_t unix_time,
                                node_time wanted) {
  const auto& r = *record;
  const auto found = held_.find({r.name, r.publisher});
  const bool is_new = found == held_.end();
  if (!is_new && found->second.record->version >= r.version) {
    if (found->second.record->version > r.version)
      return store_outcome::stale;
    found->second.wanted = std::max(found->second.wanted, wanted);
    return store_outcome::stored;
  }
  const auto replaced = is_new ? 0 : packed_size(*found->second.record);
  const auto room = room_for(r, replaced, is_new);
  const bool is_full = room == store_outcome::full && is_own(r.name);
  if (room != store_outcome::stored && !is_full)
    return room;
  // Last, since it is what takes time.
  if (const auto sound = judge(r, *settings_, *seal_, unix_time); sound != store_outcome::stored)
    return sound;
  const auto bytes = packed_size(r) - replaced; // may be less than none; sums come out right
  if (is_full && !make_room(bytes))
    return store_outcome::full;
  auto& here = held_[{r.name, r.publisher}];
  bytes_ += bytes;
  bytes_of_[r.publisher] += bytes;
  here.record = record;
  here.wanted = std::max(here.wanted, wanted);
  return store_outcome::stored;
}

store_outcome record_shelf::room_for(const overlay_record& r, std::uint64_t replaced_bytes,
                                     bool is_new) const {
  const auto bytes = packed_size(r);
  const auto of = bytes_of_.find(r.publisher);
  const auto publishers = bytes_of_.end() == of ? 0 : of->second;
  if (publishers - replaced_bytes + bytes > settings_->most_bytes_of_publisher)
    return store_outcome::publisher_full;
  // Keys cost nothing: whoever makes many can fill a name, but not that of a node's own descriptor.
  if (is_new && r.name != r.publisher && find(r.name).size() >= settings_->most_publishers)
    return store_outcome::name_full;
  if (bytes_ - replaced_bytes + bytes > settings_->most_bytes)
    return store_outcome::full;
  return store_outcome::stored;
}

bool record_shelf::is_own(const node_id& name) const {
  return in_half_open(own_.first, name, own_.second);
}

// Drops what others own, first what was wanted least lately; a little more than must be, so that
// a flood does not have all looked through for each record.
bool record_shelf::make_room(std::uint64_t bytes) {
  std::vector<std::pair<node_time, place>> others;
  std::uint64_t most = 0;
  for (const auto& [where, one] : held_)
    if (!is_own(where.first)) {
      others.emplace_back(one.wanted, where);
      most += packed_size(*one.record);
    }
  if (bytes_ - most + bytes > settings_->most_bytes)
    return false;
  std::ranges::sort(others);
  const auto enough = settings_->most_bytes - std::max(bytes, settings_->most_bytes / 64);
  for (const auto& [wanted, where] : others) {
    if (bytes_ <= enough)
      break;
    drop(held_.find(where));
  }
  return true;
}

void record_shelf::drop(std::map<place, held>::iterator at) {
  const auto bytes = packed_size(*at->second.record);
  bytes_ -= bytes;
  const auto of = bytes_of_.find(at->first.second);
  if ((of->second -= bytes) == 0)
    bytes_of_.erase(of);
  held_.erase(at);
}

std::vector<record_ptr> record_shelf::find(const node_id& name) const {
  std::vector<record_ptr> out;
  for (auto at = held_.lower_bound({name, {}}); at != held_.end() && at->first.first == name; ++at)
    out.push_back(at->second.record);
  return out;
}

record_ptr record_shelf::find(const record_tag& tag) const {
  const auto at = held_.find({tag.name, tag.publisher});
  return at != held_.end() && at->second.record->version >= tag.version ? at->second.record
                                                                        : nullptr;
}

std::uint64_t record_shelf::digest(const node_id& after, const node_id& until) const {
  std::uint64_t out = 0;
  for_each(after, until, [&](const record_ptr& r) {
    auto mixed = r->version;
    for (const auto* id : {&r->name, &r->publisher})
      for (const auto word : xor_distance(*id, {}).words)
        mixed = random_source(mixed ^ word).next();
    out ^= mixed;
  });
  return out;
}

void record_shelf::want(const node_id& after, const node_id& until, node_time wanted) {
  for_each(after, until, [&](const record_ptr& r) {
    auto& one = held_.find({r->name, r->publisher})->second;
    one.wanted = std::max(one.wanted, wanted);
  });
}

template <class Predicate>
void record_shelf::drop_if(Predicate is_over) {
  for (auto at = held_.begin(); at != held_.end();)
    if (const auto here = at++; is_over(here->second))
      drop(here);
}

void record_shelf::drop_expired(std::uint64_t unix_time) {
  drop_if([&](const held& one) { return one.record->expires <= unix_time; });
}

void record_shelf::drop_unwanted(node_time now) {
  drop_if([&](const held& one) { return one.wanted < now; });
}

} // namespace dci
