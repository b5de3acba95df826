#include "net/shaping/stream_relay.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>

#include "net/descriptor.hpp"
#include "net/shaping/shaper.hpp"
#include "net/stream_pair.hpp"
#include "net/tcp_socket.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

using clock = shaper::clock;

// A connection stops reading when so much of it is on its way.
constexpr std::size_t most_bytes = std::size_t{16} << 20;

struct connection {
  stream_pair pair; // caller, target
  std::array<shaper, 2> ways{shaper{random_source(machine_seed())},
                             shaper{random_source(machine_seed())}};
};

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
        auto one = c.pair.watched(side, now);
        if (now_is.cut)
          one = {-1, 0, 0}; // it waits
        else
          next = std::min(next, c.pair.next_due(now));
        watched.push_back(one);
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
          c.pair.take_in(side, [&](std::size_t bytes) {
            return c.ways[side].stream(now_is, clock::now(), bytes);
          });
        if (!now_is.cut)
          c.pair.send_due(side);
      }
    connections.remove_if([](const connection& c) { return c.pair.is_over(); });
    if (watched[1].revents != 0)
      accept_one();
    return true;
  }

  void accept_one() {
    endpoint from;
    auto caller = accept_tcp(listener.get(), from);
    auto far = begin_to_connect(target);
    if (caller.get() >= 0 && far.get() >= 0)
      connections.emplace_back(
          connection{stream_pair(std::move(caller), std::move(far), most_bytes)});
  }
};

expected<std::unique_ptr<stream_relay>> stream_relay::start(const address& listen_at,
                                                            const address& target,
                                                            const link_conditions& conditions) {
  auto made = std::make_unique<parts>();
  DCI_ASSIGN(made->target, resolve(target));
  DCI_ASSIGN(const auto at, resolve(listen_at));
  made->wake = descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (made->wake.get() < 0)
    return fail(errc::internal, "no descriptor is left for an eventfd");
  DCI_ASSIGN(made->listener, listen_tcp(at, 16, "a relay"));
  DCI_ASSIGN(const auto own, own_endpoint(made->listener.get()));
  made->where = {listen_at.host, own.port};
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
