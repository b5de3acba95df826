#include "net/shaping/datagram_relay.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <queue>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>

#include "net/descriptor.hpp"
#include "net/shaping/shaper.hpp"
#include "net/socket_address.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

using clock = shaper::clock;

// More than waits here in any network worth trying.
constexpr std::size_t most_waiting = 100'000;
constexpr int most_at_once = 256;

struct sender {
  endpoint where;
  descriptor socket; // towards the target
  clock::time_point heard{};
  shaper to_target{random_source(machine_seed())}, to_sender{random_source(machine_seed())};
};

struct waiting {
  clock::time_point due;
  std::uint64_t order; // of those that are due at once
  endpoint sender;     // whose it is
  bool to_target;
  std::vector<std::uint8_t> bytes;

  bool operator>(const waiting& other) const {
    return due != other.due ? due > other.due : order > other.order;
  }
};

descriptor udp_socket(bool v6) {
  return descriptor(socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

} // namespace

struct datagram_relay::parts {
  endpoint listens, target;
  descriptor listener, wake;
  std::atomic<bool> ends = false;
  std::mutex mutex;
  link_conditions conditions;             // under the mutex
  std::vector<sender_conditions> special; // too
  std::list<sender> senders;
  std::priority_queue<waiting, std::vector<waiting>, std::greater<>> queue;
  std::uint64_t came = 0;
  std::array<std::uint8_t, 65'536> buffer;
  std::thread thread;

  void run() {
    while (!ends)
      turn();
  }

  void turn() {
    std::vector<pollfd> watched = {{wake.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
    for (const auto& one : senders)
      watched.push_back({one.socket.get(), POLLIN, 0});
    timespec wait{};
    if (!queue.empty()) {
      const auto left = std::max<std::int64_t>(
          0, std::chrono::duration_cast<std::chrono::nanoseconds>(queue.top().due - clock::now())
                 .count());
      wait = {left / 1000000000, left % 1000000000};
    }
    if (ppoll(watched.data(), watched.size(), queue.empty() ? nullptr : &wait, nullptr) > 0) {
      std::size_t at = 2;
      for (auto& one : senders)
        if (watched[at++].revents != 0)
          hear_target(one);
      if (watched[1].revents != 0)
        hear_senders();
      eventfd_t ignored = 0;
      if (watched[0].revents != 0)
        eventfd_read(wake.get(), &ignored);
    }
    send_due();
  }

  link_conditions conditions_of(const endpoint& who) {
    const std::lock_guard lock(mutex);
    const auto found = std::ranges::find(special, who, &sender_conditions::from);
    return found == special.end() ? conditions : found->conditions;
  }

  void hear_senders() {
    for (int i = 0; i < most_at_once; ++i) {
      socket_address from;
      from.size = sizeof(from.bytes);
      const auto count =
          recvfrom(listener.get(), buffer.data(), buffer.size(), 0, from.get(), &from.size);
      if (count < 0)
        return;
      if (auto* const one = sender_at(from_system(from.bytes)))
        delay(*one, true, static_cast<std::size_t>(count));
    }
  }

  void hear_target(sender& one) {
    for (int i = 0; i < most_at_once; ++i) {
      const auto count = recv(one.socket.get(), buffer.data(), buffer.size(), 0);
      if (count < 0)
        return;
      delay(one, false, static_cast<std::size_t>(count));
    }
  }

  sender* find(const endpoint& who) {
    const auto found = std::ranges::find(senders, who, &sender::where);
    return found == senders.end() ? nullptr : &*found;
  }

  // nullptr where there is no socket left for it.
  sender* sender_at(const endpoint& who) {
    if (auto* const known = find(who)) {
      known->heard = clock::now();
      return known;
    }
    if (senders.size() >= most_senders)
      senders.erase(std::ranges::min_element(senders, {}, &sender::heard));
    auto socket = udp_socket(!is_v4(target));
    const auto there = to_system(target, !is_v4(target));
    if (socket.get() < 0 || connect(socket.get(), there.get(), there.size) != 0)
      return nullptr;
    auto& made = senders.emplace_back();
    made.where = who;
    made.socket = std::move(socket);
    made.heard = clock::now();
    return &made;
  }

  void delay(sender& one, bool to_target, std::size_t bytes) {
    auto& way = to_target ? one.to_target : one.to_sender;
    const auto due = way.datagram(conditions_of(one.where), clock::now(), bytes);
    if (due && queue.size() < most_waiting)
      queue.push({*due, came++, one.where, to_target, {buffer.begin(), buffer.begin() + bytes}});
  }

  void send_due() {
    for (; !queue.empty() && queue.top().due <= clock::now(); queue.pop()) {
      const auto& first = queue.top();
      if (!first.to_target) {
        const auto there = to_system(first.sender, !is_v4(listens));
        sendto(listener.get(), first.bytes.data(), first.bytes.size(), MSG_NOSIGNAL, there.get(),
               there.size);
      } else if (const auto* const one = find(first.sender)) {
        ::send(one->socket.get(), first.bytes.data(), first.bytes.size(), MSG_NOSIGNAL);
      }
    }
  }
};

expected<std::unique_ptr<datagram_relay>>
datagram_relay::start(const address& listen, const address& target,
                      const link_conditions& conditions, std::vector<sender_conditions> special) {
  auto made = std::make_unique<parts>();
  DCI_ASSIGN(made->listens, resolve(listen));
  DCI_ASSIGN(made->target, resolve(target));
  const bool v6 = !is_v4(made->listens);
  made->listener = udp_socket(v6);
  made->wake = descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const auto own = to_system(made->listens, v6);
  if (made->wake.get() < 0 || bind(made->listener.get(), own.get(), own.size) != 0)
    return fail(system_error("a relay cannot listen on udp " + to_string(listen)));
  std::unique_ptr<datagram_relay> out(new datagram_relay(std::move(made)));
  DCI_TRY(out->set(conditions, std::move(special)));
  out->parts_->thread = std::thread([p = out->parts_.get()] { p->run(); });
  return out;
}

datagram_relay::datagram_relay(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}

datagram_relay::~datagram_relay() {
  parts_->ends = true;
  eventfd_write(parts_->wake.get(), 1);
  if (parts_->thread.joinable())
    parts_->thread.join();
}

result datagram_relay::set(const link_conditions& conditions,
                           std::vector<sender_conditions> special) {
  if (const auto wrong = fault_of(conditions))
    return fail(errc::bad_config, *wrong);
  for (const auto& one : special)
    if (const auto wrong = fault_of(one.conditions))
      return fail(errc::bad_config, "from " + to_string(one.from) + ": " + *wrong);
  const std::lock_guard lock(parts_->mutex);
  parts_->conditions = conditions;
  parts_->special = std::move(special);
  return {};
}

} // namespace dci
