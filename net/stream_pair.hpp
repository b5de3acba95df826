// Two TCP connections, and what goes from the one to the other.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include <poll.h>

#include "net/descriptor.hpp"

namespace dci {

/// Hands on in order what comes in on either side, when it is due, and the end of it, too: a side
/// that has said all may still listen. It stops reading a side while the other one is behind with
/// so many bytes. Its sockets do not block, and may still be connecting.
class stream_pair {
 public:
  using clock = std::chrono::steady_clock;
  /// When so many bytes that come now go out.
  using schedule = std::function<clock::time_point(std::size_t)>;

  stream_pair(descriptor first, descriptor second, std::size_t most_bytes);

  /// What poll waits for at a side, 0 or 1; its descriptor is -1 where that is nothing.
  pollfd watched(int side, clock::time_point now) const;
  /// When it has something to do that no socket tells of.
  clock::time_point next_due(clock::time_point now) const;

  /// Reads once. due: absent: at once.
  void take_in(int side, const schedule& due = {});
  /// Writes to a side what is due there.
  void send_due(int side);
  /// Both, for a side of which poll said something.
  void serve(int side, short events);
  /// Puts bytes of our own before what comes in on a side.
  void put(int side, std::vector<char> bytes);

  /// Everything is said, or a connection broke.
  bool is_over() const;
  /// Bytes that came in on a side.
  std::uint64_t came(int side) const {
    return from_[side].came;
  }

 private:
  struct piece {
    clock::time_point due;
    std::vector<char> bytes;
    std::size_t sent = 0;
  };
  // What goes one way.
  struct direction {
    std::deque<piece> pieces;
    std::size_t waiting = 0;
    std::uint64_t came = 0;
    bool ended = false; // nothing more comes in
    bool told = false;  // the other end knows
    bool is_done() const {
      return ended && pieces.empty();
    }
  };

  void tell_end(int side);

  std::array<descriptor, 2> ends_;
  std::array<direction, 2> from_; // what came from each
  std::size_t most_bytes_;
  bool broken_ = false;
};

} // namespace dci
