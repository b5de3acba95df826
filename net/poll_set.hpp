// The sockets that a thread waits for, in each of its turns anew.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <vector>

#include <poll.h>

namespace dci {

class poll_set {
 public:
  using clock = std::chrono::steady_clock;
  /// Where a socket stands in this turn. Of none: nothing came.
  struct place {
    std::size_t turn = 0, at = 0;
  };

  void begin() {
    ++turn_;
    watched_.clear();
    next_ = clock::time_point::max();
  }
  place watch(const pollfd& one) {
    watched_.push_back(one);
    return {turn_, watched_.size() - 1};
  }
  /// Wakes then at the latest.
  void wake_at(clock::time_point when) {
    next_ = std::min(next_, when);
  }
  /// False where the system cannot wait.
  bool wait() {
    timespec left{};
    if (next_ != clock::time_point::max()) {
      const auto count = std::max<std::int64_t>(
          0, std::chrono::duration_cast<std::chrono::nanoseconds>(next_ - clock::now()).count());
      left = {count / 1'000'000'000, count % 1'000'000'000};
    }
    if (ppoll(watched_.data(), watched_.size(), next_ == clock::time_point::max() ? nullptr : &left,
              nullptr) >= 0)
      return true;
    for (auto& one : watched_)
      one.revents = 0;
    return errno == EINTR;
  }
  short came(const place& where) const {
    return where.turn == turn_ ? watched_[where.at].revents : short{0};
  }

 private:
  std::size_t turn_ = 0;
  std::vector<pollfd> watched_;
  clock::time_point next_{};
};

} // namespace dci
