// What a tunnel's exit works with, in its one thread. For the sources of tunnel_exit only.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include "net/poll_set.hpp"
#include "net/stream_pair.hpp"
#include "net/tls/tls_refresher.hpp"
#include "net/tunnel/control_link.hpp"
#include "net/tunnel/tunnel_exit.hpp"
#include "runtime/base/random.hpp"

namespace dci {

struct tunnel_exit::parts {
  using clock = std::chrono::steady_clock;

  struct kept_door {
    door is;
    endpoint target;
    tunnel_door_info so_far;
    bool is_open = false;
    clock::time_point ask_again = clock::time_point::max();
  };
  struct splice {
    std::size_t door;
    std::uint64_t call;
    stream_pair pair; ///< the caller's connection, the target's
    std::array<std::uint64_t, 2> counted{};
    std::array<poll_set::place, 2> places{};
  };

  settings is;
  std::shared_ptr<tls_context> context;
  std::shared_ptr<tunnel_way> way;
  descriptor wake;
  std::atomic<bool> ends = false;
  random_source random{0};

  mutable std::mutex mutex; ///< over the next ones
  std::string state = "dialling", why;
  std::vector<kept_door> doors;
  std::list<splice> splices;
  std::map<std::string, std::uint64_t> refused;

  // Of the thread alone.
  std::optional<tls_refresher> refresher; ///< so that a session outlives its certificates
  std::optional<control_link> link;
  endpoint entry; ///< as it was dialled
  std::uint16_t calls_port = 0;
  clock::time_point now{}, next_keep_open{};
  poll_set watched;
  poll_set::place link_place{}, wake_place{};
  std::thread thread;

  result open();
  void run();
  /// Until the session is lost. Errors: why.
  error hold();
  void end(const error& why);
  void wait(std::chrono::milliseconds pause);

  void watch_all();
  result serve_all();
  void count(splice& one);
  result hear(byte_view content);
  void ask_for_doors(bool all);
  void take(const door_opened& said);
  void take(const door_refused& said);
  void fetch(const caller_came& said);
};

} // namespace dci
