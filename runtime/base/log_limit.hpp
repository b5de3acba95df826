// For lines that strangers or peers can cause: whoever knocks often does not fill the log.
#pragma once

#include <chrono>

namespace dci {

class log_limit {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds between_lines{1};

  /// Whether a line may be written now. What is not written is counted elsewhere, by its reason.
  bool allows(clock::time_point now = clock::now()) {
    if (now < next_)
      return false;
    next_ = now + between_lines;
    return true;
  }

 private:
  clock::time_point next_{};
};

} // namespace dci
