#include "actors/proximity_prober/prober.hpp"

#include <algorithm>

namespace dci {
namespace {

constexpr std::size_t newest_kept = 5;

} // namespace

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
  std::visit([&](const auto& m) { on(*known, from, m, arrived, out); }, message);
}

void prober::on(row&, const contact& at, const proximity_probe& m, node_time, prober_output& out) {
  if (!is_sound(m.place))
    out.refused.push_back("a place where nobody can be");
  else
    out.sends.push_back({at, proximity_echo{m.number, place_}});
}

void prober::on(row& from, const contact&, const proximity_echo& m, node_time arrived,
                prober_output& out) {
  if (!is_sound(m.place)) {
    out.refused.push_back("a place where nobody can be");
    return;
  }
  if (!from.sent || m.number != from.number || arrived < *from.sent) {
    out.refused.push_back("an echo of no probe that is under way");
    return;
  }
  const auto round_trip = arrived - *from.sent;
  from.sent.reset();
  from.link.place = m.place;
  ++from.link.echoes;
  from.link.loss -= from.link.loss * loss_weight;
  measured(from, round_trip, arrived);
}

void prober::saw(const node_id& peer, node_clock::duration round_trip, node_time now) {
  auto* const known = find(peer);
  if (known == nullptr || round_trip.count() <= 0 || round_trip > settings_->lost_after)
    return;
  ++known->link.seen;
  known->seen = now;
  measured(*known, round_trip, now);
}

void prober::on(row& from, const contact& at, const proximity_train& m, node_time arrived,
                prober_output& out) {
  from.comes_from = at;
  if (const auto reason = from.coming.take(m, bytes_on_wire(m), arrived); !reason.empty())
    out.refused.push_back(reason);
  else if (from.coming.is_whole())
    report(from, out);
  else
    next_report_ = std::min(next_report_, from.coming.due());
}

void prober::on(row& from, const contact&, const proximity_train_report& m, node_time arrived,
                prober_output& out) {
  if (const auto reason = from.bandwidth.take(m, arrived); !reason.empty())
    out.refused.push_back(reason);
}

void prober::report(row& to, prober_output& out) {
  if (const auto what = to.coming.finish())
    out.sends.push_back({to.comes_from, *what});
}

void prober::measured(row& r, node_clock::duration round_trip, node_time arrived) {
  auto& link = r.link;
  if (r.newest.empty()) {
    link.round_trip = round_trip;
    link.jitter = round_trip / 2;
  } else {
    const auto off = round_trip - link.round_trip;
    link.jitter += (std::chrono::abs(off) - link.jitter) / 4;
    link.round_trip += off / 8;
  }
  link.measured = arrived;
  r.newest.push_back(round_trip);
  if (r.newest.size() > newest_kept)
    r.newest.erase(r.newest.begin());
  link.least = *std::ranges::min_element(r.newest);
  // A late echo says more of a busy machine than of the way. Where it is, only the peer can say.
  if (link.echoes > 0)
    adjust(place_, link.place, link.least, settings_->coordinates, random_);
}

void prober::left(const node_id& peer, node_clock::duration took) {
  if (auto* const known = find(peer))
    known->bandwidth.left(took);
}

std::vector<measured_link> prober::links() const {
  std::vector<measured_link> out;
  for (const auto& r : rows_) {
    out.push_back(r.link);
    out.back().bandwidth = r.bandwidth.value();
  }
  return out;
}

} // namespace dci
