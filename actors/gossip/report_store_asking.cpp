// What is offered to whom, who asks for it, and who is answered.
#include <utility>

#include "actors/gossip/report_store.hpp"
#include "actors/packed_size.hpp"

namespace dci {

void report_store::offer(gossip_output& out) {
  if (fresh_.empty())
    return;
  reports_offer message;
  std::size_t taken = 0;
  while (taken < fresh_.size() && message.names.size() < settings_->most_names) {
    const auto mark = fresh_[taken++];
    const auto found = peers_.find(mark);
    if (mark == mark_of(self_.id))
      message.names.push_back({mark, own_.report->version});
    else if (found != peers_.end()) {
      found->second.is_fresh = false;
      message.names.push_back({mark, found->second.newest.report->version});
    }
  }
  fresh_.erase(fresh_.begin(), fresh_.begin() + static_cast<std::ptrdiff_t>(taken));
  for (std::uint32_t i = 0; i < settings_->offer_to; ++i)
    out.sends.push_back({any_peer(), message});
}

void report_store::on(const contact& from, const reports_offer& m, node_time now,
                      gossip_output& out) {
  if (m.names.size() > settings_->most_names) {
    out.refused.push_back("an offer has too many names");
    return;
  }
  if (member(from.id) == nullptr) {
    out.refused.push_back("a stranger offers reports");
    return;
  }
  reports_request wanted;
  for (const auto& [mark, version] : m.names) {
    const auto found = peers_.find(mark);
    if (found == peers_.end())
      continue;
    auto& p = found->second;
    const auto known = p.newest.report ? p.newest.report->version : 0;
    if (version <= known || is_awaited(p, from.id, version, now))
      continue;
    note_asked(p, from.id, version, now);
    wanted.names.push_back({mark, version});
  }
  if (!wanted.names.empty())
    out.sends.push_back({from, std::move(wanted)});
}

void report_store::on(const contact& from, const reports_request& m, node_time now,
                      gossip_output& out) {
  if (m.names.size() > settings_->most_names) {
    out.refused.push_back("a request has too many names");
    return;
  }
  const auto* asker = member(from.id);
  if (asker == nullptr) {
    out.refused.push_back("a stranger asks for reports");
    return;
  }
  reports some;
  std::size_t bytes = 0;
  std::uint32_t answers = 0;
  // To where the member says it is, wherever the request came from.
  const auto send = [&] {
    if (!some.items.empty() && answers++ < settings_->most_answers)
      out.sends.push_back({asker->node, std::exchange(some, {})});
    bytes = 0;
  };
  std::vector<node_mark> given;
  for (const auto& [mark, version] : m.names) {
    const auto found = peers_.find(mark);
    const auto* e = mark == mark_of(self_.id) ? &own_
                    : found == peers_.end()   ? nullptr
                                              : &found->second.newest;
    if (e == nullptr || !e->report || e->report->version < version ||
        std::ranges::find(given, mark) != given.end())
      continue;
    given.push_back(mark);
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - e->made).count();
    const aged_report item{e->report,
                           static_cast<std::uint32_t>(std::min<std::int64_t>(age, most_age_ms))};
    if (bytes + packed_size(item) > settings_->datagram_bytes)
      send();
    if (answers >= settings_->most_answers)
      return; // the rest is asked of somebody else
    bytes += packed_size(item);
    some.items.push_back(item);
  }
  send();
}

// Who was asked and did not answer is not the next to be asked.
bool report_store::is_awaited(const peer& p, const node_id& of, std::uint32_t version,
                              node_time now) const {
  const auto since = now - p.asked;
  return p.was_asked && ((p.asked_of == of && since < 3 * settings_->ask_again) ||
                         (p.asked_version >= version && since < settings_->ask_again));
}

void report_store::note_asked(peer& p, const node_id& of, std::uint32_t version, node_time now) {
  p.was_asked = true;
  p.asked = now;
  p.asked_of = of;
  p.asked_version = version;
}

void report_store::ask_overdue(node_time now, gossip_output& out) {
  reports_request wanted;
  const auto whom = any_peer();
  const auto overdue = report_interval() + settings_->overdue;
  // From a place of its own each time, so that all come to their turn.
  const auto begin = random_.below(order_.size());
  for (std::size_t i = 0; i < order_.size() && wanted.names.size() < settings_->overdue_at_once;
       ++i) {
    const auto mark = order_[(begin + i) % order_.size()];
    auto& p = peers_.at(mark);
    const bool late = !p.newest.report || now - p.newest.made > overdue;
    const auto least = p.newest.report ? p.newest.report->version + 1 : 1;
    if (!late || is_awaited(p, whom.id, 0, now))
      continue;
    note_asked(p, whom.id, 0, now);
    wanted.names.push_back({mark, least});
  }
  if (!wanted.names.empty())
    out.sends.push_back({whom, std::move(wanted)});
}

} // namespace dci
