#include "actors/proximity_prober/prober.hpp"

#include <algorithm>

#include "actors/packed_size.hpp"
#include "net/datagram/datagram.hpp"

namespace dci {
namespace {

constexpr std::size_t ip_and_udp_bytes = 28;
constexpr std::size_t newest_kept = 5;
constexpr auto nearest_hold = std::chrono::seconds(1); // before it is asked anew which they are
constexpr double loss_step = 1.0 / 16;                 // a probe's weight

} // namespace

node_clock::duration pause_of(const prober_settings& settings) {
  const auto both_ways = 2 * (ip_and_udp_bytes + datagram_overhead +
                              packed_size(proximity_message(proximity_probe{~0u, {}})));
  const auto needed = std::chrono::microseconds{std::chrono::seconds{1}} *
                      static_cast<std::int64_t>(both_ways) /
                      std::max<std::int64_t>(settings.budget, 1);
  return std::max<node_clock::duration>(needed, settings.least_pause);
}

prober::prober(const prober_settings& settings, random_source random, node_time now)
    : settings_(&settings), random_(random), next_probe_(now), find_nearest_at_(now) {
}

void prober::add(const contact& peer) {
  if (auto* const known = find(peer.id)) {
    if (known->link.peer == peer)
      return;
    *known = {}; // elsewhere: nothing measured holds
    known->link.peer = peer;
    return;
  }
  rows_.push_back({});
  rows_.back().link.peer = peer;
}

void prober::remove(const node_id& peer) {
  std::erase_if(rows_, [&](const row& r) { return r.link.peer.id == peer; });
}

prober::row* prober::find(const node_id& id) {
  const auto it = std::ranges::find(rows_, id, [](const row& r) { return r.link.peer.id; });
  return it == rows_.end() ? nullptr : &*it;
}

void prober::receive(const contact& from, const proximity_message& message, node_time arrived,
                     prober_output& out) {
  auto* const known = find(from.id);
  if (known == nullptr) {
    out.refused.push_back("a probe or an echo of a node that is no member");
    return;
  }
  const auto* probe = std::get_if<proximity_probe>(&message);
  if (!is_sound(probe != nullptr ? probe->place : std::get<proximity_echo>(message).place)) {
    out.refused.push_back("a place where nobody can be");
    return;
  }
  if (probe != nullptr)
    out.sends.push_back({from, proximity_echo{probe->number, place_}});
  else
    on(*known, std::get<proximity_echo>(message), arrived, out);
}

void prober::on(row& from, const proximity_echo& m, node_time arrived, prober_output& out) {
  if (!from.sent || m.number != from.number || arrived < *from.sent) {
    out.refused.push_back("an echo of no probe that is under way");
    return;
  }
  const auto round_trip = arrived - *from.sent;
  from.sent.reset();
  from.link.place = m.place;
  measured(from, round_trip, arrived);
}

void prober::measured(row& r, node_clock::duration round_trip, node_time arrived) {
  auto& link = r.link;
  if (link.echoes++ == 0) {
    link.round_trip = round_trip;
    link.jitter = round_trip / 2;
  } else {
    const auto off = round_trip - link.round_trip;
    link.jitter += (std::chrono::abs(off) - link.jitter) / 4;
    link.round_trip += off / 8;
  }
  link.loss -= link.loss * loss_step;
  link.measured = arrived;
  r.newest.push_back(round_trip);
  if (r.newest.size() > newest_kept)
    r.newest.erase(r.newest.begin());
  link.least = *std::ranges::min_element(r.newest);
  // A late echo says more of a busy machine than of the way.
  adjust(place_, link.place, link.least, settings_->coordinates, random_);
}

void prober::tick(node_time now, prober_output& out) {
  for (auto& r : rows_)
    if (r.sent && now - *r.sent >= settings_->lost_after) {
      r.sent.reset();
      r.link.loss += (1 - r.link.loss) * loss_step;
    }
  if (next_probe_ > now)
    return;
  next_probe_ = now + pause_of(*settings_);
  if (find_nearest_at_ <= now) {
    find_nearest_at_ = now + nearest_hold;
    find_nearest();
  }
  if (auto* const near = overdue_near(now))
    return probe(*near, now, out);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    auto& next = rows_[next_row_++ % rows_.size()];
    if (next.sent)
      continue; // its echo is still awaited
    return probe(next, now, out);
  }
}

void prober::probe(row& next, node_time now, prober_output& out) {
  next.number = static_cast<std::uint32_t>(random_.next());
  next.sent = now;
  out.sends.push_back({next.link.peer, proximity_probe{next.number, place_}});
}

void prober::find_nearest() {
  std::vector<row*> known;
  for (auto& r : rows_) {
    r.is_near = false;
    if (r.link.echoes > 0)
      known.push_back(&r);
  }
  const auto count = std::min<std::size_t>(settings_->nearest, known.size());
  std::ranges::nth_element(known, known.begin() + static_cast<std::ptrdiff_t>(count), {},
                           [](const row* r) { return r->link.round_trip; });
  for (std::size_t i = 0; i < count; ++i)
    known[i]->is_near = true;
}

// The one that waits longest.
prober::row* prober::overdue_near(node_time now) {
  row* out = nullptr;
  for (auto& r : rows_)
    if (r.is_near && !r.sent && now - r.link.measured >= settings_->nearest_every &&
        (out == nullptr || r.link.measured < out->link.measured))
      out = &r;
  return out;
}

node_time prober::next_tick() const {
  return next_probe_;
}

std::vector<measured_link> prober::links() const {
  std::vector<measured_link> out;
  for (const auto& r : rows_)
    out.push_back(r.link);
  return out;
}

} // namespace dci
