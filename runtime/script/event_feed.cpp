#include "runtime/script/event_feed.hpp"

#include "runtime/script/interrupts.hpp"

namespace dci {

void event_feed::push(actor_event event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    if (events_.size() > capacity)
      events_.pop_front();
  }
  wake();
}

std::deque<actor_event> event_feed::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

void event_feed::lose(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!lost_)
    lost_ = why;
}

std::optional<std::string> event_feed::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

watcher_actor::behavior_type watch_host(watcher_actor::pointer self, const std::string& host,
                                        const node_actor& node, std::shared_ptr<event_feed> feed) {
  self->monitor(node);
  self->set_down_handler([self, host, feed](const caf::down_msg& down) {
    const auto why = reason_text(down.reason);
    // In this order: who sees the loss finds its event too.
    feed->push({host, host, "node", "ended", why});
    feed->lose(why);
    wake();
    self->quit();
  });
  return {[feed](const actor_event& event) { feed->push(event); }};
}

std::string to_string(const actor_event& event) {
  auto out = "[" + event.host + "] " + event.name + " (" + event.type + ") " + event.what;
  if (!event.reason.empty())
    out += ": " + event.reason;
  return out;
}

} // namespace dci
