// What a tunnel's entry works with, in its one thread. For the sources of tunnel_entry only.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include "net/poll_set.hpp"
#include "net/stream_pair.hpp"
#include "net/tunnel/control_link.hpp"
#include "net/tunnel/tunnel_entry.hpp"
#include "net/tunnel/waiting_calls.hpp"

namespace dci {

struct tunnel_entry::parts {
  using clock = std::chrono::steady_clock;

  struct session {
    std::uint64_t number;
    control_link link;
    node_id node;
    bool is_over = false;
    poll_set::place place{};
  };
  struct door {
    std::uint64_t number;
    std::uint64_t session;
    std::uint32_t name; ///< the exit's number for it
    held_door is;
    descriptor socket;
    flow_token token{};
    std::optional<endpoint> exit; ///< where its datagrams go
    clock::time_point heard{};    ///< of it
    tunnel_door_info so_far;
    poll_set::place place{};
  };
  // A connection that has not shown yet whom it fetches.
  struct newcomer {
    descriptor socket;
    clock::time_point end;
    byte_vector shown;
    bool is_over = false;
    poll_set::place place{};
  };
  struct splice {
    std::uint64_t door;
    stream_pair pair;
    std::array<std::uint64_t, 2> counted{};
    std::array<poll_set::place, 2> places{};
  };

  settings is;
  endpoint where; ///< of the listener
  address told;
  std::shared_ptr<tls_context> context;
  descriptor wake, calls_listener, udp;
  poll_set::place wake_place{}, calls_place{}, udp_place{};
  std::uint16_t calls_port = 0;
  std::atomic<bool> ends = false;

  mutable std::mutex mutex; ///< over all below, while the thread does not wait
  std::vector<tls_link> arrived;
  std::uint64_t last_number = 0;
  std::list<session> sessions;
  std::list<door> doors;
  std::list<newcomer> newcomers;
  std::list<splice> splices;
  waiting_calls calls;
  std::map<std::string, std::uint64_t> refused;
  clock::time_point no_accept_until{}; ///< the machine has no descriptors left
  clock::time_point now{};
  poll_set watched; ///< the thread's own

  std::unique_ptr<tls_listener> listener;
  std::thread thread;

  result open();
  void run();

  // The turns of each (tunnel_entry.cpp).
  void watch_all();
  void serve_all();
  void sweep();
  void count(splice& one);

  // Sessions and their doors (entry_doors.cpp).
  void take_arrivals();
  void serve(session& one);
  result hear(session& one, byte_view content);
  void open(session& one, const open_door& wanted);
  std::optional<door_refusal> make(session& one, const open_door& wanted);
  void close(const door& one);
  void end_sessions();

  // What passes the doors (entry_traffic.cpp).
  void accept_caller(door& at);
  void accept_newcomers();
  void serve(newcomer& one);
  void hear_peers(door& at);
  void hear_exits();
  void take_wrapped(const endpoint& from, byte_view bytes);

  void refuse(const std::string& reason) {
    ++refused[reason];
  }
  door* find_door(std::uint64_t number);
  std::size_t connections_of(const door& at) const;
};

} // namespace dci
