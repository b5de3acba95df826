// Which pairs of tokens merge, into what, and in which order.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"

namespace dci::text {

struct merge_rule {
  std::uint32_t rank = 0; // the smallest goes first
  token_id into = 0;
};

/// Pair of ids -> rule; open addressing. Ids are not negative.
class merge_table {
 public:
  /// Room for `count` pairs.
  explicit merge_table(std::size_t count = 0);

  /// Adds a pair; a pair that is there already gets the new rule.
  void put(token_id left, token_id right, merge_rule rule);
  /// The rule of a pair, or null.
  const merge_rule* find(token_id left, token_id right) const {
    for (std::size_t at = start(key(left, right));; at = (at + 1) & mask_) {
      if (slots_[at].key == key(left, right))
        return &slots_[at].rule;
      if (slots_[at].key == free_key)
        return nullptr;
    }
  }
  bool empty() const {
    return used_ == 0;
  }

 private:
  static constexpr std::uint64_t free_key = ~std::uint64_t{0}; // no pair: ids are not negative

  struct entry {
    std::uint64_t key = free_key;
    merge_rule rule;
  };

  static std::uint64_t key(token_id left, token_id right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
           static_cast<std::uint32_t>(right);
  }
  std::size_t start(std::uint64_t k) const {
    const std::uint64_t mixed = k * 0x9E3779B97F4A7C15u;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32)) & mask_;
  }

  std::vector<entry> slots_;
  std::size_t mask_ = 0;
  std::size_t used_ = 0;
};

} // namespace dci::text
