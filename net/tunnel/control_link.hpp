// What the two ends of a tunnel say over TLS, frame by frame, and whether the other one still
// lives.
#pragma once

#include <chrono>
#include <functional>

#include <poll.h>

#include "net/identity/bytes.hpp"
#include "net/tls/tls_link.hpp"

namespace dci {

/// Frames out of a stream.
class frame_reader {
 public:
  /// hears: with what is behind the version, nothing for a heartbeat. Errors: bad_message, for
  /// another version or a frame that is too long; those of hears.
  result take(byte_view bytes, const std::function<result(byte_view)>& hears);

 private:
  byte_vector rest_; ///< of a frame that has not come whole
};

/// As it travels.
byte_vector tunnel_frame(byte_view content);

class control_link {
 public:
  using clock = std::chrono::steady_clock;
  using reader = std::function<result(byte_view)>;
  static constexpr std::chrono::seconds between_beats{3}, longest_silence{10};
  /// Said and not yet taken by the other end.
  static constexpr std::size_t most_waiting = std::size_t{64} << 10;

  control_link(tls_link link, clock::time_point now);

  pollfd watched() const {
    return {link_.socket.get(), events_, 0};
  }
  /// When it wants a turn though nothing has come.
  clock::time_point next_turn() const;
  /// False where too much waits already.
  bool say(byte_view content);
  /// Reads and writes what can be. Errors: why it is over.
  result turn(clock::time_point now, const reader& hears);

  const tls_link& link() const {
    return link_;
  }

 private:
  result read_some(clock::time_point now, const reader& hears);
  result write_some();

  tls_link link_;
  frame_reader frames_;
  byte_vector out_;
  short events_ = POLLIN;
  bool has_news_ = false; ///< to be written
  clock::time_point heard_, next_beat_;
};

} // namespace dci
