#include "net/frames/subscribers.hpp"

#include <utility>

namespace dci {

void subscribers::wait_for_end_of(std::unique_lock<std::mutex>& lock,
                                  const std::shared_ptr<handler>& one) {
  // A handler that removes itself would wait for itself.
  if (one && runs_on_ != std::this_thread::get_id())
    ended_.wait(lock, [&] { return running_ != one; });
}

void subscribers::add(std::string name, handler hears) {
  auto made = std::make_shared<handler>(std::move(hears));
  std::shared_ptr<handler> before; // goes without the lock
  std::unique_lock lock(mutex_);
  before = std::exchange(all_[std::move(name)], std::move(made));
  wait_for_end_of(lock, before);
}

void subscribers::remove(const std::string& name) {
  std::shared_ptr<handler> before; // goes without the lock
  std::unique_lock lock(mutex_);
  if (const auto found = all_.extract(name); !found.empty())
    before = found.mapped();
  wait_for_end_of(lock, before);
}

bool subscribers::deliver(frame came, const frame_route& by) {
  std::shared_ptr<handler> hears;
  {
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(came.to);
    if (found == all_.end())
      return false;
    hears = running_ = found->second;
    runs_on_ = std::this_thread::get_id();
  }
  (*hears)(std::move(came), by);
  hears.reset();
  std::shared_ptr<handler> last; // goes without the lock
  const std::lock_guard lock(mutex_);
  // Whoever waits for its end has a copy, and what it holds goes with that: not later, here.
  if (running_.use_count() == 1)
    last = std::move(running_);
  running_.reset();
  runs_on_ = {};
  ended_.notify_all();
  return true;
}

} // namespace dci
