// Who hears the frames that come for a name.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "net/frames/frame.hpp"
#include "net/frames/frame_route.hpp"

namespace dci {

/// deliver: one thread; the others: any.
class subscribers {
 public:
  using handler = std::function<void(frame, const frame_route&)>;

  /// In place of whoever had the name.
  void add(std::string name, handler hears);
  /// Afterwards the handler does not run, unless it is the one who calls.
  void remove(const std::string& name);
  /// False when nobody has the name.
  bool deliver(frame came, const frame_route& by);

 private:
  void wait_for_end_of(std::unique_lock<std::mutex>& lock, const std::shared_ptr<handler>& one);

  std::mutex mutex_;
  std::condition_variable ended_;
  std::map<std::string, std::shared_ptr<handler>> all_;
  std::shared_ptr<handler> running_;
  std::thread::id runs_on_;
};

} // namespace dci
