// The fastest plain ring there is to compare with: blocking TCP sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/error.hpp"

namespace dci {

/// One process's two sockets: from the one before it, and to the one after it.
class socket_ring {
 public:
  /// Listens; the others may connect from now on.
  static expected<std::unique_ptr<socket_ring>> listen(std::uint16_t port);
  ~socket_ring();
  socket_ring(const socket_ring&) = delete;
  socket_ring& operator=(const socket_ring&) = delete;

  /// Connects to the next one and waits for the one before; each may take so long.
  /// Errors: unreachable.
  result join(std::uint16_t next, std::chrono::milliseconds wait);
  /// Whole messages of that many bytes. False when the other side is gone.
  bool send(std::span<const std::byte> bytes) const;
  bool receive(std::span<std::byte> bytes) const;

 private:
  socket_ring() = default;

  int listener_ = -1;
  int from_ = -1;
  int to_ = -1;
};

} // namespace dci
