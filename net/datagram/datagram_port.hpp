// A UDP socket and the thread that reads it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "net/address.hpp"
#include "net/datagram/datagram_detour.hpp"
#include "net/descriptor.hpp"
#include "net/endpoint.hpp"
#include "runtime/base/error.hpp"

namespace dci {

class datagram_port {
 public:
  using reader = std::function<void(received_datagram)>;

  /// listen: with port 0, a free one. on_arrival: called on the reading thread, from before open
  /// has returned. by: absent: datagrams go straight. Errors: unreachable when the address is not
  /// ours or taken.
  static expected<std::unique_ptr<datagram_port>>
  open(const address& listen, reader on_arrival, std::shared_ptr<datagram_detour> by = nullptr);
  /// No call of on_arrival is under way or comes afterwards.
  ~datagram_port();
  datagram_port(const datagram_port&) = delete;
  datagram_port& operator=(const datagram_port&) = delete;

  const endpoint& where() const {
    return where_;
  }
  /// What was too long.
  std::uint64_t dropped() const {
    return dropped_;
  }
  /// Never waits. False where the system would not take it.
  bool send(const endpoint& to, const std::vector<std::uint8_t>& bytes);

 private:
  datagram_port(descriptor socket, descriptor stop, endpoint where, bool v6, reader on_arrival,
                std::shared_ptr<datagram_detour> by);
  bool send_straight(const endpoint& to, const std::vector<std::uint8_t>& bytes);
  void read_all();
  void serve();

  descriptor socket_, stop_;
  endpoint where_;
  bool v6_;
  reader on_arrival_;
  std::shared_ptr<datagram_detour> by_; ///< may be null
  std::atomic<std::uint64_t> dropped_ = 0;
  std::thread thread_; // last: it uses the others
};

} // namespace dci
