#include "net/shaping/stream_relay.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "net/descriptor.hpp"
#include "net/shaping/shaper.hpp"
#include "net/socket_address.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

using clock = shaper::clock;

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
  shaper way{random_source(machine_seed())};
};

struct connection {
  std::array<descriptor, 2> ends; // caller, target
  std::array<direction, 2> from;  // what came from each
  bool broken = false;
};

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

struct stream_relay::parts {
  address where;
  endpoint target;
  descriptor listener, wake;
  std::atomic<bool> ends = false;
  std::mutex mutex;
  link_conditions conditions; // under the mutex
  link_conditions now_is;     // the thread's copy
  std::list<connection> connections;
  std::thread thread;

  void run() {
    while (turn())
      continue;
  }

  /// Waits for something to do and does it; false when it is time to end.
  bool turn() {
    {
      const std::lock_guard lock(mutex);
      now_is = conditions;
    }
    std::vector<pollfd> watched = {{wake.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
    auto next = clock::time_point::max();
    const auto now = clock::now();
    for (const auto& c : connections)
      for (int side = 0; side < 2; ++side) {
        const auto& in = c.from[side];
        const auto& out = c.from[1 - side];
        short events = 0;
        if (!in.ended && in.bytes < most_bytes && !now_is.cut)
          events |= POLLIN;
        if (now_is.cut)
          ; // it waits
        else if (!out.pieces.empty() && out.pieces.front().due <= now)
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
    eventfd_t count = 0;
    if (watched[0].revents != 0)
      eventfd_read(wake.get(), &count);
    if (ends)
      return false;
    std::size_t at = 2;
    for (auto& c : connections)
      for (int side = 0; side < 2; ++side, ++at) {
        if ((watched[at].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
          take_in(c, side);
        if (!now_is.cut)
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
    const bool v6 = !is_v4(target);
    descriptor far(socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (caller.get() < 0 || far.get() < 0)
      return;
    make_fast(caller.get());
    make_fast(far.get());
    const auto there = to_system(target, v6);
    if (connect(far.get(), there.get(), there.size) != 0 && errno != EINPROGRESS)
      return;
    auto& made = connections.emplace_back();
    made.ends = {std::move(caller), std::move(far)};
  }

  void take_in(connection& c, int side) {
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
    in.pieces.push_back({in.way.stream(now_is, clock::now(), bytes.size()), std::move(bytes), 0});
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

expected<std::unique_ptr<stream_relay>> stream_relay::start(const address& listen_at,
                                                            const address& target,
                                                            const link_conditions& conditions) {
  auto made = std::make_unique<parts>();
  DCI_ASSIGN(made->target, resolve(target));
  DCI_ASSIGN(const auto at, resolve(listen_at));
  const bool v6 = !is_v4(at);
  made->listener =
      descriptor(socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  made->wake = descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  auto own = to_system(at, v6);
  const int on = 1;
  setsockopt(made->listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (made->wake.get() < 0 || bind(made->listener.get(), own.get(), own.size) != 0 ||
      listen(made->listener.get(), 16) != 0 ||
      getsockname(made->listener.get(), own.get(), &own.size) != 0)
    return fail(system_error("a relay cannot listen at " + to_string(listen_at)));
  made->where = {listen_at.host, from_system(own.bytes).port};
  std::unique_ptr<stream_relay> out(new stream_relay(std::move(made)));
  DCI_TRY(out->set(conditions));
  out->parts_->thread = std::thread([p = out->parts_.get()] { p->run(); });
  return out;
}

stream_relay::stream_relay(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}

stream_relay::~stream_relay() {
  parts_->ends = true;
  eventfd_write(parts_->wake.get(), 1);
  if (parts_->thread.joinable())
    parts_->thread.join();
}

result stream_relay::set(const link_conditions& conditions) {
  if (const auto wrong = fault_of(conditions))
    return fail(errc::bad_config, *wrong);
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->conditions = conditions;
  }
  eventfd_write(parts_->wake.get(), 1);
  return {};
}

const address& stream_relay::where() const {
  return parts_->where;
}

} // namespace dci
