// Datagrams that do not go straight to whom they are for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "net/endpoint.hpp"

namespace dci {

/// What came: at most most_datagram_bytes of it, from where, and when the kernel had it.
struct received_datagram {
  endpoint from;
  std::chrono::steady_clock::time_point at;
  std::vector<std::uint8_t> bytes;
};

/// What a detour puts before a datagram, at most.
inline constexpr std::size_t most_wrapping = 8 + 1 + 16 + 2;

/// What stands between a datagram port and its peers. May be called from any thread.
class datagram_detour {
 public:
  using sender = std::function<void(const endpoint&, const std::vector<std::uint8_t>&)>;

  virtual ~datagram_detour() = default;
  /// What to send instead, and where to; nothing: there is no way now.
  virtual std::optional<std::pair<endpoint, std::vector<std::uint8_t>>>
  wrap(const endpoint& to, const std::vector<std::uint8_t>& bytes) = 0;
  /// Makes of what came what the peer has sent. False: it is none of ours.
  virtual bool unwrap(received_datagram& one) = 0;
  /// From the port's socket it can send by itself, until it is told nothing.
  virtual void use(sender sends) = 0;
};

} // namespace dci
