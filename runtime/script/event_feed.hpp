// What starts and ends on a host, handed from an actor to the console's thread.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "actors/protocols.hpp"

namespace dci {

/// Filled by a watcher actor, emptied by the main thread; wakes it.
class event_feed {
 public:
  /// The oldest events are dropped beyond this many.
  static constexpr std::size_t capacity = 10'000;

  void push(actor_event event);
  /// What came since the last call, oldest first.
  std::deque<actor_event> take();
  /// The host cannot be reached any more.
  void lose(const std::string& why);
  /// Why the host was lost, if it was.
  std::optional<std::string> lost() const;

 private:
  mutable std::mutex mutex_;
  std::deque<actor_event> events_;
  std::optional<std::string> lost_;
};

/// Puts a node's events into the feed; the node's own end too, as an event of
/// the type "node".
watcher_actor::behavior_type watch_host(watcher_actor::pointer self, const std::string& host,
                                        const node_actor& node, std::shared_ptr<event_feed> feed);

/// "[beta] r.2 (shard_executor) ended: killed"
std::string to_string(const actor_event& event);

} // namespace dci
