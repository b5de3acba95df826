#include "actors/gossip/report_store.hpp"

#include <utility>

#include "net/address.hpp"

namespace dci {

namespace {

// Reports of a node that may come in a row: those that were late, and the one that was not.
constexpr int most_in_a_row = 3;

bool is_sound(const link_figures& link) {
  const bool says_nothing = link.mbit_age_s == 0 && link.mbit_confidence == 0 && !link.at_least;
  return link.round_trip_ms > 0 && link.round_trip_ms <= 600'000 && link.mbit_per_s >= 0 &&
         link.mbit_per_s <= 1e7f && link.mbit_confidence <= 100 &&
         (link.mbit_per_s > 0 || says_nothing);
}

std::string_view objection(const node_report& r, const gossip_settings& settings) {
  if (r.nearest.size() > settings.most_links)
    return "a report has too many links";
  if (!is_sound(r.place))
    return "a report claims an absurd place";
  if (!fault_of(r.device).empty() || !fault_of(r.policy).empty())
    return "a report claims an absurd device";
  if (r.host.size() > most_host_bytes || (!r.host.empty() && !parse_address(r.host)))
    return "a report names no address as its host's";
  if (!std::ranges::all_of(r.nearest, [](const link_figures& l) { return is_sound(l); }))
    return "a report claims an absurd link";
  return {};
}

// Nodes that begin at the same time do not go in step.
node_clock::duration share_of(node_clock::duration all, random_source& random) {
  return node_clock::duration(
      static_cast<node_clock::rep>(random.uniform() * static_cast<double>(all.count())));
}

} // namespace

node_mark mark_of(const node_id& id) {
  node_mark out = 0;
  for (std::size_t i = 0; i < 8; ++i)
    out = out << 8 | id.bytes[i];
  return out;
}

std::string reported_host(const std::string& address) {
  return address.size() <= most_host_bytes ? address : std::string();
}

report_store::report_store(const contact& self, const gossip_settings& settings,
                           const report_maker& maker, const report_check& check,
                           random_source random, node_time now, std::uint32_t first_version)
    : self_(self), settings_(&settings), maker_(&maker), check_(&check), random_(random),
      next_version_(first_version), next_offer_(now + share_of(settings.offer_every, random_)),
      next_report_(now + share_of(settings.least_report_every, random_)) {
}

void report_store::add_peer(const contact& peer_node) {
  const auto mark = mark_of(peer_node.id);
  if (peer_node.id == self_.id || peers_.size() >= settings_->most_nodes)
    return;
  const auto [place, is_new] = peers_.try_emplace(mark);
  place->second.node = peer_node;
  if (is_new)
    order_.push_back(mark);
}

void report_store::remove_peer(const node_id& id) {
  const auto mark = mark_of(id);
  if (peers_.erase(mark) > 0) {
    std::erase(order_, mark);
    std::erase(fresh_, mark);
  }
}

std::vector<contact> report_store::peers() const {
  std::vector<contact> out;
  for (const auto& [mark, p] : peers_)
    out.push_back(p.node);
  std::ranges::sort(out, {}, &contact::id);
  return out;
}

const report_store::entry* report_store::find(const node_id& id) const {
  if (id == self_.id)
    return own_.report ? &own_ : nullptr;
  const auto found = peers_.find(mark_of(id));
  return found == peers_.end() || !found->second.newest.report ? nullptr : &found->second.newest;
}

contact report_store::any_peer() {
  return peers_.at(order_[random_.below(order_.size())]).node;
}

void report_store::receive(const contact& from, const gossip_message& message, node_time now,
                           gossip_output& out) {
  std::visit([&](const auto& m) { on(from, m, now, out); }, message);
}

void report_store::tick(node_time now, gossip_output& out) {
  if (next_report_ <= now)
    make_report(now);
  if (next_offer_ <= now) {
    next_offer_ = now + settings_->offer_every;
    if (order_.empty())
      return;
    offer(out);
    ask_overdue(now, out);
  }
}

node_clock::duration report_store::report_interval() const {
  const node_clock::duration all =
      settings_->report_every_for_each * static_cast<std::int64_t>(peers_.size());
  return std::clamp<node_clock::duration>(all, settings_->least_report_every,
                                          settings_->report_every);
}

void report_store::make_report(node_time now) {
  const auto all = report_interval();
  next_report_ = now + (own_.report ? all : share_of(all, random_));
  own_ = {std::make_shared<const node_report>((*maker_)(next_version_++, now)), now};
  const auto mark = mark_of(self_.id);
  if (std::ranges::find(fresh_, mark) == fresh_.end())
    fresh_.push_back(mark);
}

report_store::peer* report_store::member(const node_id& id) {
  const auto found = peers_.find(mark_of(id));
  return found == peers_.end() || found->second.node.id != id ? nullptr : &found->second;
}

void report_store::on(const contact& from, const reports& m, node_time now, gossip_output& out) {
  if (m.items.size() > settings_->most_names) {
    out.refused.push_back("a datagram has too many reports");
    return;
  }
  if (member(from.id) == nullptr) {
    out.refused.push_back("a stranger hands on reports");
    return;
  }
  for (const auto& item : m.items)
    take(item, now, out);
}

void report_store::take(const aged_report& item, node_time now, gossip_output& out) {
  const auto& r = *item.report;
  const auto mark = mark_of(r.node);
  const auto found = peers_.find(mark);
  if (found == peers_.end() || found->second.node.id != r.node) {
    if (r.node != self_.id)
      out.refused.push_back("a report of no member");
    return;
  }
  auto& p = found->second;
  const auto made = now - std::chrono::milliseconds(std::min(item.age_ms, most_age_ms));
  if (p.newest.report && p.newest.report->version >= r.version) {
    // Ages only grow on the way, and the least is the nearest to what is so.
    if (p.newest.report->version == r.version &&
        p.newest.report->signed_by_node == r.signed_by_node)
      p.newest.made = std::max(p.newest.made, made);
    return;
  }
  if (const auto reason = objection(r, *settings_); !reason.empty()) {
    out.refused.push_back(reason);
    return;
  }
  if (comes_too_fast(p, now)) {
    out.refused.push_back("a node reports too often");
    return;
  }
  if (!(*check_)(r)) {
    out.refused.push_back("a report is not signed by its node");
    return;
  }
  p.newest = {item.report, made};
  p.was_asked = false;
  p.paced_from = std::max(p.paced_from, now) + settings_->least_report_every / 2;
  if (!std::exchange(p.is_fresh, true))
    fresh_.push_back(mark);
  out.news.push_back(item.report);
}

// Twice as fast as the fastest should. By when they come, since their age is anybody's word.
bool report_store::comes_too_fast(const peer& p, node_time now) const {
  return p.paced_from > now + (most_in_a_row - 1) * settings_->least_report_every / 2;
}

} // namespace dci
