// What the thread of a frame port does: it owns the sockets, and no other thread touches them.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "net/descriptor.hpp"
#include "net/frames/frame_admittance.hpp"
#include "net/frames/frame_budget.hpp"
#include "net/frames/subscribers.hpp"
#include "net/frames/zmq_socket.hpp"

namespace dci {

/// How often what was dropped, by reason. May be used from any thread.
class drop_counter {
 public:
  void add(std::string_view reason);
  std::map<std::string, std::uint64_t> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> all_;
};

class frame_loop {
 public:
  /// What it shares with the port, which outlives it.
  struct shared {
    frame_admittance& admits;
    subscribers& heard;
    drop_counter& dropped;
  };

  /// Errors: unreachable when the address is not ours or taken; internal; unsupported.
  static expected<std::unique_ptr<frame_loop>> open(const address& listen, shared with);

  const curve_key& key() const {
    return keys_.open;
  }
  /// As bound.
  std::string where() const {
    return router_.bound_to();
  }

  /// Until stop was called. On one thread; what follows on any.
  void run();
  void stop();
  /// Of a frame that can travel; counts it where it does not fit.
  void post(frame_route by, frame content);
  /// As frame_port's.
  bool is_connected(const frame_peer& peer);

 private:
  using clock = std::chrono::steady_clock;
  struct posted {
    frame_route by;
    frame content;
    frame_budget::ticket ticket;
  };
  /// Our own connection to a peer.
  struct dealer {
    zmq_socket socket;
    std::string address;
    clock::time_point opened;
    std::shared_ptr<char> unsent; ///< what waits inside has copies
    zmq_socket events;            ///< of its connection
    std::uint64_t shown = 0;      ///< the version of this host's certificates that he was shown
  };
  /// What ZeroMQ keeps for as long as it has not sent.
  struct holding {
    frame_budget::ticket ticket;
    std::shared_ptr<char> unsent;
  };

  frame_loop(const curve_pair& keys, descriptor wake, shared with);
  result listen(const address& where);
  void take_arrivals();
  bool answer_zap_request();
  void take(std::span<const byte_view> parts, std::string_view user, const frame_peer* peer);
  bool send_posted();
  std::string_view send(posted one);
  dealer* own_connection(const frame_peer& peer, const std::string& where);
  void tell_refused(const frame_route& by, std::string_view why);
  void forget(const frame_peer& peer);
  void take_events(const frame_peer& peer, dealer& ours);
  void leave_refused();
  frame renewal_notice() const;
  void show_certificates();
  void show_certificates(const byte_vector& connection);

  shared with_;
  curve_pair keys_;
  zmq_context context_; // before the sockets
  zmq_socket zap_, router_;
  std::map<frame_peer, dealer> dealers_;
  std::uint64_t made_ = 0; ///< dealers so far
  std::vector<frame_peer> refuses_us_;
  std::map<byte_vector, clock::time_point> told_; ///< by connection: that its peer is refused
  std::map<byte_vector, std::uint64_t> shown_;    ///< by connection: as dealer::shown
  std::shared_ptr<frame_budget> budget_ = std::make_shared<frame_budget>();
  descriptor wake_;
  std::mutex mutex_;
  std::deque<posted> posted_;
  std::set<frame_peer> connected_;
  bool stops_ = false;
};

} // namespace dci
