// A file descriptor that closes itself.
#pragma once

#include <utility>

#include <unistd.h>

namespace dci {

/// Owns a descriptor, or nothing when it is negative.
class descriptor {
 public:
  explicit descriptor(int fd = -1) : fd_(fd) {
  }
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {
  }
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0)
      close(fd_);
  }
  int get() const {
    return fd_;
  }
  /// Whoever takes it closes it.
  int release() {
    return std::exchange(fd_, -1);
  }

 private:
  int fd_;
};

} // namespace dci
