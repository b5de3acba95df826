#include <algorithm>
#include <limits>
#include <queue>

#include "tensors/text/bpe.hpp"

namespace dci::text {

const merge_rule* bpe::rule(token_id left, token_id right, bool plain) const {
  const merge_rule* const found = merges_.find(left, right);
  return found != nullptr && plain && is_protected(found->into) ? nullptr : found;
}

// Looks for the lowest rank anew after each merge: quadratic, but without any bookkeeping.
void bpe::merge_short(std::vector<token_id>& symbols, bool plain) const {
  constexpr merge_rule none{std::numeric_limits<std::uint32_t>::max(), -1};
  std::vector<merge_rule> rules(symbols.size() - 1, none);
  const auto look_up = [&](std::size_t i) {
    const merge_rule* const found = rule(symbols[i], symbols[i + 1], plain);
    rules[i] = found != nullptr ? *found : none;
  };
  for (std::size_t i = 0; i < rules.size(); ++i)
    look_up(i);
  while (!rules.empty()) {
    const auto best =
        std::min_element(rules.begin(), rules.end(),
                         [](const merge_rule& a, const merge_rule& b) { return a.rank < b.rank; });
    if (best->into < 0)
      return;
    const auto at = static_cast<std::size_t>(best - rules.begin());
    symbols[at] = best->into;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    rules.erase(best);
    if (at < rules.size())
      look_up(at);
    if (at > 0)
      look_up(at - 1);
  }
}

namespace {

struct symbol {
  token_id id = 0;
  std::int64_t previous = -1;
  std::int64_t next = -1;
  bool gone = false;
};

struct candidate {
  merge_rule rule;
  std::int64_t at = 0;
  token_id left = 0;
  token_id right = 0;

  // Turned round, because the queue puts the largest first.
  friend bool operator<(const candidate& a, const candidate& b) {
    return a.rule.rank != b.rule.rank ? a.rule.rank > b.rule.rank : a.at > b.at;
  }
};

} // namespace

// A linked list of symbols and a queue of candidates. A merge makes at most two new candidates;
// those whose symbols have changed since are dropped when their turn comes.
void bpe::merge_long(std::vector<token_id>& symbols, bool plain) const {
  const auto size = static_cast<std::int64_t>(symbols.size());
  std::vector<symbol> list(symbols.size());
  const auto node = [&](std::int64_t i) -> symbol& { return list[static_cast<std::size_t>(i)]; };
  for (std::int64_t i = 0; i < size; ++i)
    node(i) = {symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < size ? i + 1 : -1, false};
  std::priority_queue<candidate> queue;
  const auto offer = [&](std::int64_t at) {
    if (at < 0 || node(at).next < 0)
      return;
    const token_id left = node(at).id;
    const token_id right = node(node(at).next).id;
    if (const merge_rule* const found = rule(left, right, plain))
      queue.push({*found, at, left, right});
  };
  for (std::int64_t i = 0; i + 1 < size; ++i)
    offer(i);
  while (!queue.empty()) {
    const candidate c = queue.top();
    queue.pop();
    symbol& left = node(c.at);
    if (left.gone || left.id != c.left || left.next < 0 || node(left.next).id != c.right)
      continue;
    symbol& right = node(left.next);
    left.id = c.rule.into;
    left.next = right.next;
    right.gone = true;
    if (left.next >= 0)
      node(left.next).previous = c.at;
    offer(left.previous);
    offer(c.at);
  }
  symbols.clear();
  for (std::int64_t i = 0; i >= 0 && i < size; i = node(i).next)
    symbols.push_back(node(i).id);
}

} // namespace dci::text
