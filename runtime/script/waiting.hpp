// Waiting for an answer so that Ctrl-C and the loss of the other host end the
// wait, and not only the time-out.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/script/interrupts.hpp"

namespace dci {

/// Runs blocking calls on threads of their own. A call that is given up ends by
/// its own time-out later; the destructor waits for those.
class waiting {
 public:
  waiting() = default;
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;
  ~waiting() {
    for (auto& thread : abandoned_)
      thread.join();
  }

  /// call's result. Errors: call's; cancelled when stop_wanted(); what lost
  /// says, asked now and then. call must own what it uses.
  template <class T>
  expected<T> wait(std::function<expected<T>()> call,
                   const std::function<std::optional<error>()>& lost) {
    constexpr std::chrono::milliseconds look_up{20};
    if (stop_wanted())
      return fail(interrupted());
    std::packaged_task<expected<T>()> task(std::move(call));
    auto answer = task.get_future();
    std::thread thread(std::move(task));
    while (answer.wait_for(look_up) != std::future_status::ready) {
      auto why = stop_wanted() ? interrupted() : lost();
      if (why) {
        abandoned_.push_back(std::move(thread));
        return fail(std::move(*why));
      }
    }
    thread.join();
    return answer.get();
  }

 private:
  static error interrupted() {
    return {errc::cancelled, "interrupted"};
  }

  std::vector<std::thread> abandoned_;
};

} // namespace dci
