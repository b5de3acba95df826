// What the prober does when it is time.
#include <algorithm>

#include "actors/proximity_prober/prober.hpp"

namespace dci {
namespace {

constexpr auto nearest_hold = std::chrono::seconds(1); // before it is asked anew which they are

// There and back.
const std::size_t probe_bytes = 2 * bytes_on_wire(proximity_probe{~0u, {}});
const std::size_t train_bytes = train_datagrams * bytes_on_wire(make_train(~0u).front()) +
                                bytes_on_wire(proximity_train_report{~0u, 0, 0, false});

} // namespace

node_clock::duration pause_of(const prober_settings& settings) {
  const auto budget = std::max<std::uint64_t>(settings.budget, 1);
  constexpr std::uint64_t second = node_clock::duration(std::chrono::seconds(1)).count();
  const node_clock::duration needed((probe_bytes * second + budget - 1) / budget);
  return std::max<node_clock::duration>(needed, settings.least_pause);
}

node_time prober::next_tick() const {
  return std::min(next_probe_, next_report_);
}

void prober::tick(node_time now, prober_output& out) {
  next_report_ = no_time;
  for (auto& r : rows_) {
    if (r.sent && now - *r.sent >= settings_->lost_after) {
      r.sent.reset();
      r.link.loss += (1 - r.link.loss) * loss_weight;
    }
    if (r.coming.due() <= now)
      report(r, out);
    next_report_ = std::min(next_report_, r.coming.due());
  }
  if (next_probe_ > now)
    return;
  if (find_nearest_at_ <= now) {
    find_nearest_at_ = now + nearest_hold;
    find_nearest();
  }
  auto* next = overdue_near(now);
  if (next == nullptr)
    next = next_in_turn(now);
  if (next != nullptr)
    probe(*next, now, out);
  auto pause = pause_of(*settings_);
  if (auto* const peer = due_for_train(now)) {
    pause = std::chrono::duration_cast<node_clock::duration>(pause / (1 - settings_->train_share));
    saved_ += static_cast<double>(settings_->budget) * static_cast<double>(pause.count()) / 1e6 -
              static_cast<double>(next == nullptr ? 0 : probe_bytes);
    if (saved_ >= static_cast<double>(train_bytes)) {
      saved_ = 0;
      send_train(*peer, now, out);
    }
  }
  next_probe_ = now + pause;
}

void prober::find_nearest() {
  std::vector<row*> known;
  for (auto& r : rows_) {
    r.is_near = false;
    if (r.link.is_measured())
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

// Other traffic says enough of it.
bool prober::rests(const row& r, node_time now) const {
  const auto is_fresh = [&](const std::optional<node_time>& when) {
    return when && now - *when < settings_->traffic_every;
  };
  return is_fresh(r.seen) && is_fresh(r.probed);
}

// But none whose echo is still awaited.
prober::row* prober::next_in_turn(node_time now) {
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (auto& next = rows_[next_row_++ % rows_.size()]; !next.sent && !rests(next, now))
      return &next;
  return nullptr;
}

void prober::probe(row& next, node_time now, prober_output& out) {
  next.number = static_cast<std::uint32_t>(random_.next());
  next.sent = next.probed = now;
  out.sends.push_back({next.link.peer, proximity_probe{next.number, place_}});
}

// When the next train should go: soon where few came through.
node_time prober::next_train(const row& to) const {
  const auto last = to.bandwidth.last();
  if (!last)
    return node_time::min();
  const auto weight = [](std::size_t trains) {
    return static_cast<std::int64_t>(1 + trains * trains);
  };
  return *last + settings_->train_every * weight(to.bandwidth.trains()) /
                     weight(bandwidth_record::most_kept);
}

// Of the nearest the one that has waited longest.
prober::row* prober::due_for_train(node_time now) {
  row* first = nullptr;
  for (auto& r : rows_)
    if (r.is_near && (first == nullptr || next_train(r) < next_train(*first)))
      first = &r;
  return first != nullptr && next_train(*first) <= now ? first : nullptr;
}

void prober::send_train(row& to, node_time now, prober_output& out) {
  const auto number = static_cast<std::uint32_t>(random_.next());
  to.bandwidth.sent(number, now);
  out.trains.push_back({to.link.peer, make_train(number)});
}

} // namespace dci
