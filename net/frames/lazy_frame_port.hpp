// A host's port for frames, opened when it is first needed: most hosts never do.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "net/frames/frame_port.hpp"

namespace dci {

/// May be used from any thread.
class lazy_frame_port {
 public:
  explicit lazy_frame_port(frame_port::settings settings) : settings_(std::move(settings)) {
  }

  /// The port; a failed attempt is repeated when asked again. Errors: as frame_port's.
  expected<std::shared_ptr<frame_port>> open() {
    const std::lock_guard lock(mutex_);
    if (!port_) {
      DCI_ASSIGN(auto opened, frame_port::open(settings_));
      port_ = std::move(opened);
    }
    return port_;
  }

  /// Null where nobody has needed it yet.
  std::shared_ptr<frame_port> if_open() {
    const std::lock_guard lock(mutex_);
    return port_;
  }

 private:
  frame_port::settings settings_;
  std::mutex mutex_;
  std::shared_ptr<frame_port> port_;
};

} // namespace dci
