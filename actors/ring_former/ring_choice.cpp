#include "actors/ring_former/ring_choice.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace dci {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
// Rings begun from different candidates, and changes tried in vain before one is given up.
constexpr std::uint32_t most_beginnings = 24;

using ring = std::vector<std::uint32_t>;

result check(const link_costs& costs, std::uint32_t stages, std::uint32_t most) {
  if (costs.size() > most)
    return fail(errc::bad_request, std::to_string(costs.size()) +
                                       " candidates for a ring: at most " + std::to_string(most) +
                                       " can be compared");
  if (stages == 0 || stages > costs.size())
    return fail(errc::bad_request, "a ring of " + std::to_string(stages) + " stages out of " +
                                       std::to_string(costs.size()) +
                                       " candidates: there must be 1 to as many");
  return {};
}

tl::unexpected<error> no_ring(std::uint32_t stages) {
  return fail(errc::not_found, "no ring of " + std::to_string(stages) +
                                   " stages: every one has a link that may not be used");
}

// The same, but links that may not be used cost more than any ring without them: so a search that
// begins with some finds its way out.
link_costs finite(const link_costs& costs, std::uint32_t stages) {
  double most = 0;
  for (std::uint32_t a = 0; a < costs.size(); ++a)
    for (std::uint32_t b = 0; b < costs.size(); ++b)
      if (std::isfinite(costs(a, b)))
        most = std::max(most, costs(a, b));
  return link_costs(costs.size(), [&](std::uint32_t a, std::uint32_t b) {
    return std::isfinite(costs(a, b)) ? costs(a, b) : 2 * stages * most + 1;
  });
}

// Begins at the lowest number, in the same direction.
ring turned(ring r) {
  std::ranges::rotate(r, std::ranges::min_element(r));
  return r;
}

// From one candidate on, always to the nearest one that is left.
ring greedy(const link_costs& costs, std::uint32_t stages, std::uint32_t begin) {
  ring out{begin};
  std::vector<bool> used(costs.size());
  used[begin] = true;
  while (out.size() < stages) {
    std::optional<std::uint32_t> best;
    for (std::uint32_t c = 0; c < costs.size(); ++c)
      if (!used[c] && (!best || costs(out.back(), c) < costs(out.back(), *best)))
        best = c;
    used[*best] = true;
    out.push_back(*best);
  }
  return out;
}

// Changes a ring for the better for as long as one change helps: another candidate in the place of
// a stage, a stage moved elsewhere, a part of the ring turned round. Only the links that a change
// touches are looked at.
class improver {
 public:
  improver(const link_costs& costs, ring start)
      : costs_(costs), ring_(std::move(start)), used_(costs.size()), cost_(costs.around(ring_)) {
    for (const auto c : ring_)
      used_[c] = true;
  }

  void run() {
    while (replace_one() || move_one() || turn_part())
      ;
  }
  const ring& best() const {
    return ring_;
  }

 private:
  std::uint32_t at(std::size_t i) const {
    return ring_[i % ring_.size()];
  }
  std::uint32_t before(std::size_t i) const {
    return at(i + ring_.size() - 1);
  }
  // Rounding must not make two rings take turns.
  bool helps(double change) const {
    return change < -1e-9 * std::max(1.0, cost_);
  }
  bool changed() {
    cost_ = costs_.around(ring_);
    return true;
  }
  bool replace_one() {
    for (std::size_t i = 0; ring_.size() > 1 && i < ring_.size(); ++i) {
      const auto p = before(i), n = at(i + 1), was = ring_[i];
      const auto now = costs_(p, was) + costs_(was, n);
      for (std::uint32_t c = 0; c < costs_.size(); ++c) {
        if (used_[c] || !helps(costs_(p, c) + costs_(c, n) - now))
          continue;
        used_[was] = false;
        used_[c] = true;
        ring_[i] = c;
        return changed();
      }
    }
    return false;
  }
  bool move_one() {
    const auto size = ring_.size();
    for (std::size_t from = 0; size > 2 && from < size; ++from) {
      const auto moved = ring_[from];
      const auto p = before(from), n = at(from + 1);
      const auto without = costs_(p, n) - costs_(p, moved) - costs_(moved, n);
      // The ring without it.
      const auto rest = [&](std::size_t i) {
        i %= size - 1;
        return ring_[i < from ? i : i + 1];
      };
      for (std::size_t to = 0; to < size; ++to) {
        const auto q = rest(to + size - 2), s = rest(to);
        if (!helps(without + costs_(q, moved) + costs_(moved, s) - costs_(q, s)))
          continue;
        ring_.erase(ring_.begin() + static_cast<std::ptrdiff_t>(from));
        ring_.insert(ring_.begin() + static_cast<std::ptrdiff_t>(to), moved);
        return changed();
      }
    }
    return false;
  }
  bool turn_part() {
    const auto size = ring_.size();
    for (std::size_t first = 0; first < size; ++first) {
      double turned = 0; // what the links within cost more the other way
      for (auto last = first + 2; last <= size; ++last) {
        const auto a = ring_[last - 2], b = ring_[last - 1];
        turned += costs_(b, a) - costs_(a, b);
        const auto p = before(first), f = ring_[first], n = at(last);
        const auto ends = last - first == size
                              ? costs_(f, b) - costs_(b, f) // all of it: one link is left
                              : costs_(p, b) + costs_(f, n) - costs_(p, f) - costs_(b, n);
        if (!helps(turned + ends))
          continue;
        std::reverse(ring_.begin() + static_cast<std::ptrdiff_t>(first),
                     ring_.begin() + static_cast<std::ptrdiff_t>(last));
        return changed();
      }
    }
    return false;
  }

  const link_costs& costs_;
  ring ring_;
  std::vector<bool> used_;
  double cost_;
};

} // namespace

link_costs::link_costs(std::uint32_t candidates,
                       const std::function<double(std::uint32_t, std::uint32_t)>& cost)
    : size_(candidates), costs_(std::size_t{candidates} * candidates) {
  for (std::uint32_t from = 0; from < size_; ++from)
    for (std::uint32_t to = 0; to < size_; ++to)
      if (from != to) {
        const auto one = cost(from, to);
        costs_[std::size_t{from} * size_ + to] =
            one >= 0 ? one : infinite; // also what is no number
      }
}

double link_costs::around(const std::vector<std::uint32_t>& ring) const {
  double sum = 0;
  for (std::size_t i = 0; ring.size() > 1 && i < ring.size(); ++i)
    sum += (*this)(ring[i], ring[(i + 1) % ring.size()]);
  return sum;
}

expected<std::vector<std::uint32_t>> exact_ring(const link_costs& costs, std::uint32_t stages) {
  DCI_TRY(check(costs, stages, most_candidates_exact));
  const auto n = costs.size();
  // least[set][last]: the cheapest way through the set, from its lowest member to `last`.
  const std::size_t sets = std::size_t{1} << n;
  std::vector<double> least(sets * n, infinite);
  std::vector<std::uint8_t> before(sets * n, 0);
  double best_cost = infinite;
  std::size_t best_set = 0;
  std::uint32_t best_last = 0;
  for (std::size_t set = 1; set < sets; ++set) {
    const auto count = static_cast<std::uint32_t>(std::popcount(set));
    if (count > stages)
      continue;
    const auto begin = static_cast<std::uint32_t>(std::countr_zero(set));
    if (count == 1)
      least[set * n + begin] = 0;
    for (std::uint32_t last = begin; last < n; ++last) {
      const auto cost = least[set * n + last];
      if (cost == infinite)
        continue;
      const auto closed = stages == 1 ? 0 : cost + (last == begin ? infinite : costs(last, begin));
      if (count == stages && closed < best_cost) {
        best_cost = closed;
        best_set = set;
        best_last = last;
      }
      for (auto next = begin + 1; next < n; ++next) {
        if ((set >> next & 1) != 0)
          continue;
        const auto longer = (set | std::size_t{1} << next) * n + next;
        if (const auto more = cost + costs(last, next); more < least[longer]) {
          least[longer] = more;
          before[longer] = static_cast<std::uint8_t>(last);
        }
      }
    }
  }
  if (best_cost == infinite)
    return no_ring(stages);
  ring out;
  for (auto set = best_set; set != 0;) {
    out.push_back(best_last);
    const auto previous = before[set * n + best_last];
    set &= ~(std::size_t{1} << best_last);
    best_last = previous;
  }
  std::ranges::reverse(out);
  return out;
}

expected<std::vector<std::uint32_t>> choose_ring(const link_costs& costs, std::uint32_t stages,
                                                 random_source random) {
  DCI_TRY(check(costs, stages, most_ring_candidates));
  if (costs.size() <= most_candidates_exact)
    return exact_ring(costs, stages);
  ring beginnings(costs.size());
  std::iota(beginnings.begin(), beginnings.end(), 0u);
  random.shuffle(beginnings);
  beginnings.resize(std::min<std::size_t>(beginnings.size(), most_beginnings));
  ring best;
  double best_cost = infinite;
  const auto searched = finite(costs, stages);
  for (const auto begin : beginnings) {
    improver one(searched, greedy(searched, stages, begin));
    one.run();
    if (const auto cost = costs.around(one.best()); cost < best_cost) {
      best_cost = cost;
      best = one.best();
    }
  }
  if (best_cost == infinite)
    return no_ring(stages);
  return turned(std::move(best));
}

} // namespace dci
