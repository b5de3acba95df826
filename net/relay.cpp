#include "net/relay.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <optional>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/descriptor.hpp"

namespace dci {
namespace {

using clock = std::chrono::steady_clock;

// A connection stops reading when so much of it is on its way.
constexpr std::size_t most_bytes = std::size_t{16} << 20;

struct piece {
  clock::time_point due;
  std::vector<char> bytes;
  std::size_t sent = 0;
};

// What goes one way.
struct direction {
  std::deque<piece> pieces;
  std::size_t bytes = 0;
  bool ended = false; // nothing more comes in
};

struct connection {
  std::array<descriptor, 2> ends; // caller, target
  std::array<direction, 2> from;  // what came from each
  bool broken = false;
};

expected<sockaddr_in> literal(const address& where) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(where.port);
  if (inet_pton(AF_INET, where.host.c_str(), &out.sin_addr) != 1)
    return fail(errc::bad_config, to_string(where) + " is not an IPv4 address with a port");
  return out;
}

void make_fast(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == EINPROGRESS ||
         errno == ENOTCONN;
}

} // namespace

struct relay::parts {
  address where;
  sockaddr_in target{};
  std::chrono::milliseconds delay{};
  descriptor listener;
  std::array<descriptor, 2> wake; // a pipe: read end, write end
  std::list<connection> connections;
  std::thread thread;

  void run() {
    while (turn())
      continue;
  }

  /// Waits for something to do and does it; false when it is time to end.
  bool turn() {
    std::vector<pollfd> watched = {{wake[0].get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
    auto next = clock::time_point::max();
    const auto now = clock::now();
    for (const auto& c : connections)
      for (int side = 0; side < 2; ++side) {
        const auto& in = c.from[side];
        const auto& out = c.from[1 - side];
        short events = 0;
        if (!in.ended && in.bytes < most_bytes)
          events |= POLLIN;
        if (!out.pieces.empty() && out.pieces.front().due <= now)
          events |= POLLOUT;
        else if (!out.pieces.empty())
          next = std::min(next, out.pieces.front().due);
        watched.push_back({events == 0 ? -1 : c.ends[side].get(), events, 0});
      }
    timespec wait{};
    if (next != clock::time_point::max()) {
      const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(next - now).count();
      wait = {left / 1000000000, left % 1000000000};
    }
    if (ppoll(watched.data(), watched.size(), next == clock::time_point::max() ? nullptr : &wait,
              nullptr) < 0 &&
        errno != EINTR)
      return false;
    if (watched[0].revents != 0)
      return false;
    std::size_t at = 2;
    for (auto& c : connections)
      for (int side = 0; side < 2; ++side, ++at) {
        if ((watched[at].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
          take_in(c, side);
        send_due(c, side);
      }
    connections.remove_if([](const connection& c) {
      const auto done = [](const direction& d) { return d.ended && d.pieces.empty(); };
      return c.broken || (done(c.from[0]) && done(c.from[1]));
    });
    if (watched[1].revents != 0)
      accept_one();
    return true;
  }

  void accept_one() {
    descriptor caller(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    descriptor far(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (caller.get() < 0 || far.get() < 0)
      return;
    make_fast(caller.get());
    make_fast(far.get());
    if (connect(far.get(), reinterpret_cast<const sockaddr*>(&target), sizeof(target)) != 0 &&
        errno != EINPROGRESS)
      return;
    auto& made = connections.emplace_back();
    made.ends = {std::move(caller), std::move(far)};
  }

  void take_in(connection& c, int side) const {
    auto& in = c.from[side];
    std::vector<char> bytes(std::size_t{64} << 10);
    const auto count = recv(c.ends[side].get(), bytes.data(), bytes.size(), 0);
    if (count < 0) {
      c.broken = c.broken || !would_block();
      return;
    }
    if (count == 0) {
      in.ended = true;
      if (in.pieces.empty())
        shutdown(c.ends[1 - side].get(), SHUT_WR);
      return;
    }
    bytes.resize(static_cast<std::size_t>(count));
    in.bytes += bytes.size();
    in.pieces.push_back({clock::now() + delay, std::move(bytes), 0});
  }

  static void send_due(connection& c, int side) {
    auto& out = c.from[1 - side];
    while (!out.pieces.empty() && out.pieces.front().due <= clock::now()) {
      auto& first = out.pieces.front();
      const auto left = first.bytes.size() - first.sent;
      const auto count =
          send(c.ends[side].get(), first.bytes.data() + first.sent, left, MSG_NOSIGNAL);
      if (count < 0) {
        c.broken = c.broken || !would_block();
        return;
      }
      first.sent += static_cast<std::size_t>(count);
      out.bytes -= static_cast<std::size_t>(count);
      if (first.sent == first.bytes.size())
        out.pieces.pop_front();
    }
    if (out.ended && out.pieces.empty())
      shutdown(c.ends[side].get(), SHUT_WR);
  }
};

expected<std::unique_ptr<relay>> relay::start(const address& target,
                                              std::chrono::milliseconds delay) {
  auto made = std::make_unique<parts>();
  made->delay = delay;
  DCI_ASSIGN(made->target, literal(target));
  made->listener = descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(own);
  int ends[2];
  if (made->listener.get() < 0 ||
      bind(made->listener.get(), reinterpret_cast<sockaddr*>(&own), sizeof(own)) != 0 ||
      listen(made->listener.get(), 16) != 0 ||
      getsockname(made->listener.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0 ||
      pipe2(ends, O_CLOEXEC) != 0)
    return fail(errc::unreachable,
                "a relay to " + to_string(target) + " cannot listen: " + std::strerror(errno));
  made->wake = {descriptor(ends[0]), descriptor(ends[1])};
  made->where = {"127.0.0.1", ntohs(own.sin_port)};
  made->thread = std::thread([p = made.get()] { p->run(); });
  return std::unique_ptr<relay>(new relay(std::move(made)));
}

relay::relay(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}

relay::~relay() {
  const char end = 0;
  (void)!write(parts_->wake[1].get(), &end, 1);
  parts_->thread.join();
}

const address& relay::where() const {
  return parts_->where;
}

} // namespace dci
