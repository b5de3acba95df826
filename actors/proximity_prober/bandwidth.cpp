#include "actors/proximity_prober/bandwidth.hpp"

#include <algorithm>
#include <cmath>

namespace dci {
namespace {

// A train that comes nearly as fast as it left was not held up on the way.
constexpr double held_up = 0.8;
// Floats and clocks are not exact.
constexpr double slack = 1.01;

std::size_t train_bytes() {
  return bytes_on_wire(make_train(~0u).front());
}

} // namespace

void bandwidth_record::sent(std::uint32_t number, node_time now) {
  under_way_ = train{number, now, {}};
  last_ = now;
}

void bandwidth_record::left(node_clock::duration took) {
  if (under_way_)
    under_way_->took = took;
}

std::string_view bandwidth_record::take(const proximity_train_report& m, node_time arrived) {
  if (!under_way_ || m.number != under_way_->number || arrived < under_way_->sent)
    return "a report of no train that is under way";
  const auto asked = *under_way_;
  under_way_.reset();
  if (m.received < 2 || m.received > train_datagrams || !std::isfinite(m.mbit_per_s) ||
      m.mbit_per_s <= 0 || m.mbit_per_s > slack * most_mbit_per_s(train_datagrams, train_bytes()))
    return "a bandwidth that no train shows";
  // Microseconds, for one datagram alone.
  const auto claimed = static_cast<double>(8 * train_bytes()) / m.mbit_per_s;
  if (claimed > slack * static_cast<double>((arrived - asked.sent).count()))
    return "a bandwidth lower than its train was slow";
  const auto gaps = train_datagrams - 1;
  const auto own_speed = static_cast<double>(8 * gaps * train_bytes()) /
                         std::max(static_cast<double>(asked.took.count()), 1.0);
  newest_.push_back({m.mbit_per_s, m.at_least || m.mbit_per_s > held_up * own_speed});
  if (newest_.size() > most_kept)
    newest_.erase(newest_.begin());
  measured_ = arrived;
  return {};
}

std::optional<link_bandwidth> bandwidth_record::value() const {
  if (newest_.empty())
    return {};
  // Of an even number the lower one: rather less than too much.
  const auto middle = static_cast<std::ptrdiff_t>((newest_.size() - 1) / 2);
  auto sorted = newest_;
  std::ranges::nth_element(sorted, sorted.begin() + middle, {}, &bandwidth_estimate::mbit_per_s);
  const auto median = sorted[static_cast<std::size_t>(middle)];
  std::vector<double> off;
  for (const auto& one : newest_)
    off.push_back(std::abs(one.mbit_per_s - median.mbit_per_s));
  std::ranges::nth_element(off, off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2));
  const auto spread = off[off.size() / 2] / median.mbit_per_s;
  const auto share = static_cast<double>(newest_.size()) / most_kept;
  return link_bandwidth{median, newest_.size(), share * std::max(0.0, 1 - 2 * spread), measured_};
}

} // namespace dci
