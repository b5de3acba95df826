// A UDP socket and the thread that reads it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/endpoint.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// Text of an endpoint: "127.0.0.1:4701", "[::1]:4701".
std::string to_string(const endpoint& e);
/// The first IP address of a host name, or the literal. Waits for the resolver. Errors:
/// unreachable.
expected<endpoint> resolve(const address& a);

/// What came: at most most_datagram_bytes of it, and from where.
struct received_datagram {
  endpoint from;
  std::vector<std::uint8_t> bytes;
};

class datagram_port {
 public:
  /// Datagrams that wait to be taken; those that come while there are so many are dropped.
  static constexpr std::size_t most_waiting = 1024;

  /// on_arrival: called on the reading thread when there is something to take and was nothing
  /// before. Errors: unreachable when the address is not ours or taken.
  static expected<std::unique_ptr<datagram_port>> open(const address& listen,
                                                       std::function<void()> on_arrival);
  /// No call of on_arrival is under way or comes afterwards.
  ~datagram_port();
  datagram_port(const datagram_port&) = delete;
  datagram_port& operator=(const datagram_port&) = delete;

  const endpoint& where() const {
    return where_;
  }
  /// All that has come since.
  std::vector<received_datagram> take();
  /// Too long ones, and those for which there was no room.
  std::uint64_t dropped() const;
  /// Never waits. False where the system would not take it.
  bool send(const endpoint& to, const std::vector<std::uint8_t>& bytes);

 private:
  datagram_port(descriptor socket, descriptor stop, endpoint where, bool v6,
                std::function<void()> on_arrival);
  void read_all();
  void serve();

  descriptor socket_, stop_;
  endpoint where_;
  bool v6_;
  std::function<void()> on_arrival_;
  mutable std::mutex mutex_;
  std::vector<received_datagram> waiting_;
  std::uint64_t dropped_ = 0;
  std::thread thread_; // last: it uses the others
};

} // namespace dci
