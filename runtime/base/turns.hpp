// When a state machine's next turn is due, and whether a note for it is on its way already.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "runtime/base/node_clock.hpp"

namespace dci {

/// The machine's clock on a real host.
inline node_time steady_node_time() {
  return node_time(std::chrono::duration_cast<node_clock::duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

class turn_timer {
 public:
  /// A turn begins.
  void begin(node_time now) {
    if (noted_ <= now)
      noted_ = no_time;
  }
  /// How long from now a note must wait; nothing where an earlier one is on its way.
  std::optional<node_clock::duration> note_for(node_time next, node_time now) {
    if (next >= noted_)
      return {};
    noted_ = next;
    return std::max(next - now, node_clock::duration{0});
  }

 private:
  node_time noted_ = no_time;
};

} // namespace dci
