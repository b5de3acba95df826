// What a member still has to pass on.
#pragma once

#include <cstdint>
#include <vector>

#include "actors/membership/messages.hpp"

namespace dci {

/// Of whom a piece of news is. A death has an accusation at least.
const node_id& subject_of(const news& item);

class news_queue {
 public:
  bool empty() const {
    return items_.empty();
  }
  /// Instead of what it makes old: what a node said before, accusations of one that is dead.
  void add(news item);
  /// Fills this many bytes with what was passed on least, and forgets what was passed on `repeats`
  /// times.
  std::vector<news> take(std::size_t bytes, std::uint32_t repeats);

 private:
  struct item {
    news what;
    std::uint32_t bytes = 0;
    std::uint32_t passed_on = 0;
  };
  std::vector<item> items_;
};

} // namespace dci
