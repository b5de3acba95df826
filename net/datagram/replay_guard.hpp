// Which datagrams of a sender have been seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "runtime/base/node_id.hpp"

namespace dci {

/// The counters of each sender's newest datagrams, as in RFC 4303: one that was seen, or is older
/// than those remembered, is not new. Senders who were silent longest are forgotten when there are
/// too many: a replay of theirs is taken for new, once.
class replay_guard {
 public:
  /// most_senders: at least 1.
  explicit replay_guard(std::size_t most_senders) : most_(most_senders) {
  }

  /// False for one that came before. Remembers it.
  bool is_new(const node_id& sender, std::uint64_t counter);
  std::size_t senders() const {
    return order_.size();
  }

 private:
  struct seen {
    node_id sender;
    std::uint64_t newest = 0;
    std::uint64_t before = 0; ///< bit i: newest - 1 - i was seen
  };

  std::size_t most_;
  std::list<seen> order_; ///< heard of last first
  std::unordered_map<node_id, std::list<seen>::iterator> places_;
};

} // namespace dci
