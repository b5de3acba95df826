#include "net/datagram/datagram_port.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <poll.h>
#include <sys/eventfd.h>

#include "net/datagram/datagram.hpp"
#include "net/socket_address.hpp"
#include "net/udp_socket.hpp"

namespace dci {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds longest_in_socket{10};

// The kernel stamps what comes by the wall clock, before this thread gets to it. Now where it did
// not, or where somebody set the clock in between.
clock::time_point arrival_of(msghdr& message) {
  const auto now = clock::now();
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
      continue;
    timespec came{}, wall{};
    std::memcpy(&came, CMSG_DATA(part), sizeof(came));
    clock_gettime(CLOCK_REALTIME, &wall);
    const auto waited = std::chrono::seconds{wall.tv_sec - came.tv_sec} +
                        std::chrono::nanoseconds{wall.tv_nsec - came.tv_nsec};
    if (waited >= std::chrono::nanoseconds{0} && waited <= longest_in_socket)
      return now - waited;
  }
  return now;
}

} // namespace

expected<std::unique_ptr<datagram_port>>
datagram_port::open(const address& listen, reader on_arrival, std::shared_ptr<datagram_detour> by) {
  DCI_ASSIGN(auto where, resolve(listen));
  const bool v6 = !is_v4(where);
  DCI_ASSIGN(auto socket, open_udp(where, "a node"));
  descriptor stop{eventfd(0, EFD_CLOEXEC)};
  if (stop.get() < 0)
    return fail(errc::internal, "no descriptor is left for an eventfd");
  socket_address own;
  own.size = sizeof(own.bytes);
  if (getsockname(socket.get(), own.get(), &own.size) != 0)
    return fail(system_error("a UDP socket has no address"));
  const int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
  if (by) // what is wrapped is longer
    allow_fragments(socket.get(), v6);
  return std::unique_ptr<datagram_port>(new datagram_port(std::move(socket), std::move(stop),
                                                          from_system(own.bytes), v6,
                                                          std::move(on_arrival), std::move(by)));
}

datagram_port::datagram_port(descriptor socket, descriptor stop, endpoint where, bool v6,
                             reader on_arrival, std::shared_ptr<datagram_detour> by)
    : socket_(std::move(socket)), stop_(std::move(stop)), where_(where), v6_(v6),
      on_arrival_(std::move(on_arrival)), by_(std::move(by)), thread_([this] { serve(); }) {
  if (by_)
    by_->use([this](const endpoint& to, const auto& bytes) { send_straight(to, bytes); });
}

datagram_port::~datagram_port() {
  if (by_)
    by_->use({});
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

bool datagram_port::send(const endpoint& to, const std::vector<std::uint8_t>& bytes) {
  if (!by_)
    return send_straight(to, bytes);
  const auto wrapped = by_->wrap(to, bytes);
  return wrapped && send_straight(wrapped->first, wrapped->second);
}

bool datagram_port::send_straight(const endpoint& to, const std::vector<std::uint8_t>& bytes) {
  return send_udp(socket_.get(), v6_, to, bytes);
}

// So many at a time that a flood cannot keep the thread from being stopped.
void datagram_port::read_all() {
  std::array<std::uint8_t, most_datagram_bytes + most_wrapping> buffer;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> stamp;
  iovec place{buffer.data(), buffer.size()};
  for (int i = 0; i < 256; ++i) {
    sockaddr_storage from{};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof(from);
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = stamp.data();
    message.msg_controllen = stamp.size();
    const auto count = recvmsg(socket_.get(), &message, MSG_TRUNC);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return;
    if (count < 0) // what an earlier datagram met on its way: nothing of ours is lost
      continue;
    if (static_cast<std::size_t>(count) > (by_ ? buffer.size() : most_datagram_bytes)) {
      ++dropped_;
      continue;
    }
    received_datagram one{
        from_system(from), arrival_of(message), {buffer.begin(), buffer.begin() + count}};
    if (!by_ || by_->unwrap(one))
      on_arrival_(std::move(one));
  }
}

void datagram_port::serve() {
  std::array<pollfd, 2> both{pollfd{socket_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  while (true) {
    if (poll(both.data(), both.size(), -1) < 0 && errno != EINTR)
      return;
    if ((both[1].revents & POLLIN) != 0)
      return;
    if (both[0].revents != 0)
      read_all();
  }
}

} // namespace dci
