// Nodes, the two ends of a tunnel between them, and what stands at their doors.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include <poll.h>

#include "net/free_port.hpp"
#include "net/tcp_socket.hpp"
#include "net/tunnel/tunnel_entry.hpp"
#include "net/tunnel/tunnel_exit.hpp"
#include "net/udp_socket.hpp"
#include "runtime/base/log.hpp"
#include "tests/net/tls/tls_fixture.hpp"

namespace dci::test {

inline address loopback(std::uint16_t port) {
  return {"127.0.0.1", port};
}

/// Until it is so, asked every few milliseconds.
inline bool becomes(const std::function<bool()>& so, std::chrono::milliseconds longest = 20s) {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!so()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

inline std::uint64_t refused(const tunnel_figures& figures, const std::string& reason) {
  const auto found = figures.refused.find(reason);
  return found == figures.refused.end() ? 0 : found->second;
}

/// Calls back with each caller's socket, which blocks, in a thread of its own; one at a time.
class server {
 public:
  explicit server(std::function<void(int)> serves)
      : listener_(must(listen_tcp(must(resolve(loopback(0))), 16, "a test"))),
        where_(loopback(must(own_endpoint(listener_.get())).port)),
        thread_([this, serves = std::move(serves)] {
          while (!ends_) {
            pollfd one{listener_.get(), POLLIN, 0};
            endpoint from;
            if (poll(&one, 1, 20) <= 0)
              continue;
            const descriptor caller(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (caller.get() >= 0)
              serves(caller.get());
          }
        }) {
  }
  ~server() {
    ends_ = true;
    thread_.join();
  }
  const address& where() const {
    return where_;
  }

 private:
  descriptor listener_;
  address where_;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

/// Sends back what it hears until that ends.
inline void echo(int caller) {
  char bytes[65'536];
  for (ssize_t n; (n = recv(caller, bytes, sizeof(bytes), 0)) > 0;)
    for (ssize_t sent = 0; sent < n;) {
      const auto more =
          send(caller, bytes + sent, static_cast<std::size_t>(n - sent), MSG_NOSIGNAL);
      if (more <= 0)
        return;
      sent += more;
    }
}

/// So many bytes, or fewer where it ends or is silent for 20 s.
inline std::string read_bytes(int socket, std::size_t size) {
  const timeval longest{20, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  std::string out(size, ' ');
  std::size_t have = 0;
  for (ssize_t n; have < size && (n = recv(socket, out.data() + have, size - have, 0)) > 0;)
    have += static_cast<std::size_t>(n);
  out.resize(have);
  return out;
}
inline bool send_bytes(int socket, const std::string& bytes) {
  return send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}
/// What a caller at a door who says this hears, until it ends.
inline std::string answer_to(const address& door, const std::string& says, std::size_t size) {
  const auto caller = plain_socket(door);
  send_bytes(caller.get(), says);
  return read_bytes(caller.get(), size);
}

/// The authority's list on which this one stands.
inline byte_vector revocation_of(const signer& authority, const certificate& one) {
  return must(make_revocation_list(
      authority.key, authority.root, 1, now, now + 24h,
      std::vector{revoked_certificate{one.serial, now, revocation_reason::unspecified}}));
}

/// An authority, a node with an entry, and one with an exit.
struct tunnel_scene {
  tunnel_scene() {
    spdlog::set_level(spdlog::level::off);
  }

  signer ours{"ours"};
  std::atomic<wall_time> then = now;
  tls_context::wall_clock clock = [this] { return then.load(); };
  tls_node reachable{ours, ours, clock}, hidden{ours, ours, clock};
  std::vector<std::uint16_t> ports = must(free_loopback_ports(6));
  std::uint16_t first_door = must(free_range(4));
  tunnel_entry::settings entry_is{
      loopback(ports[0]), ports[1], {first_door, static_cast<std::uint16_t>(first_door + 3), 3}};
  std::unique_ptr<tunnel_entry> entry = must(tunnel_entry::start(reachable.context, entry_is));

  address door(int i) const {
    return loopback(static_cast<std::uint16_t>(first_door + i));
  }
  std::unique_ptr<tunnel_exit> exit(const tls_node& node, std::vector<tunnel_exit::door> doors,
                                    std::size_t most_connections = 256) const {
    return must(tunnel_exit::start(
        node.context, {entry_is.listen, std::move(doors), most_connections, 256 << 10}));
  }
  std::unique_ptr<tunnel_exit> exit_to(const address& target) const {
    return exit(hidden, {{door_transport::tcp, door(0), target}});
  }
  static bool is_open(const tunnel_exit& one) {
    return becomes([&] {
      for (const auto& at : one.figures().doors)
        if (at.state != "open")
          return false;
      return true;
    });
  }

  /// The first of so many ports in a row that were free a moment ago.
  static expected<std::uint16_t> free_range(std::uint16_t count) {
    for (int tries = 0; tries < 100; ++tries) {
      DCI_ASSIGN(const auto first, free_loopback_port());
      bool fine = true;
      for (std::uint16_t i = 0; i < count && fine; ++i)
        fine =
            listen_tcp(must(resolve(loopback(static_cast<std::uint16_t>(first + i)))), 1, "a test")
                .has_value();
      if (fine)
        return first;
    }
    return fail(errc::unreachable, "no free ports in a row");
  }
};

} // namespace dci::test
