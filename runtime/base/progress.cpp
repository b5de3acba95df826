#include "runtime/base/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace dci {

progress::progress(std::string label)
    : label_(std::move(label)), terminal_(isatty(STDERR_FILENO) == 1),
      last_(std::chrono::steady_clock::now()) {
}

progress::~progress() {
  if (drawn_ && terminal_)
    std::fputs("\r\x1b[K", stderr);
}

void progress::update(double fraction, const std::string& detail) {
  const auto now = std::chrono::steady_clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds{100} : std::chrono::milliseconds{2000};
  if (now - last_ < pause)
    return;
  last_ = now;
  drawn_ = true;
  const auto percent = fraction > 0 ? static_cast<int>(std::min(fraction, 1.0) * 100) : 0;
  const auto* space = detail.empty() ? "" : " ";
  std::fprintf(stderr, terminal_ ? "\r\x1b[K%s%s%s: %d %%" : "%s%s%s: %d %%\n", label_.c_str(),
               space, detail.c_str(), percent);
}

} // namespace dci
