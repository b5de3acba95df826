// A member on a real network: its key, its socket and its state machine. No thread of its own but
// the socket's: whoever holds it calls turn.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "actors/membership/requests.hpp"
#include "actors/membership/wire.hpp"
#include "net/datagram/datagram_port.hpp"
#include "net/datagram/replay_guard.hpp"

namespace dci {

class membership_service {
 public:
  /// Listens and asks the seeds. on_arrival is called on the socket's thread when datagrams wait
  /// for a turn. Errors: bad_config for addresses; unsupported for one beyond this machine, since
  /// certificates are not asked for; those of key files; unreachable.
  static expected<std::unique_ptr<membership_service>>
  start(const membership_config& config, node_time now, std::function<void()> on_arrival);
  /// Says good-bye.
  ~membership_service();
  membership_service(const membership_service&) = delete;
  membership_service& operator=(const membership_service&) = delete;

  /// Takes what has come and does what is due. Returns when the next turn is due at the latest.
  node_time turn(node_time now);
  const swim& state() const {
    return swim_;
  }
  membership_description describe() const;

 private:
  membership_service(node_key key, const membership_settings& settings, const endpoint& where,
                     node_time now);
  void take(const received_datagram& one, node_time now);
  void send(const contact& to, const membership_message& message);
  void flush();
  void refuse(std::string_view reason) {
    ++refused_[std::string{reason}];
  }

  node_key key_;
  key_seal seal_;
  membership_settings settings_;
  swim swim_;
  replay_guard seen_;
  membership_output out_;
  std::uint64_t counter_ = 0;
  std::uint64_t sent_ = 0, bytes_sent_ = 0, received_ = 0;
  std::map<std::string, std::uint64_t> refused_; // fixed texts: it cannot grow without end
  std::unique_ptr<datagram_port> port_;
};

} // namespace dci
