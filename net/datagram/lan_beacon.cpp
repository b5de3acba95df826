#include "net/datagram/lan_beacon.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "net/socket_address.hpp"

namespace dci {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::string_view mark = "DCIL";
constexpr std::uint8_t version = 1;
constexpr std::size_t beacon_bytes = 4 + 1 + 16 + 2;
constexpr std::chrono::milliseconds first_pause{500};
// Read before a stop is looked for again.
constexpr int most_at_once = 64;

in_addr v4_of(const endpoint& e) {
  in_addr out{};
  std::memcpy(&out, e.ip.data() + v4_prefix.size(), sizeof(out));
  return out;
}

bool is_multicast(const endpoint& e) {
  return is_v4(e) && IN_MULTICAST(ntohl(v4_of(e).s_addr));
}

// Several hosts of one machine hear the same group.
bool take_part(int socket, const endpoint& group, const endpoint& own) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const auto where = to_system(group, false);
  if (bind(socket, where.get(), where.size) != 0)
    return false;
  ip_mreq member{v4_of(group), v4_of(own)};
  if (setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof(member)) != 0) {
    member.imr_interface.s_addr = htonl(INADDR_ANY);
    return setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof(member)) == 0;
  }
  return setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &member.imr_interface,
                    sizeof(member.imr_interface)) == 0;
}

} // namespace

byte_vector pack_beacon(const endpoint& where) {
  byte_vector out(mark.begin(), mark.end());
  out.push_back(version);
  out.insert(out.end(), where.ip.begin(), where.ip.end());
  out.push_back(static_cast<std::uint8_t>(where.port >> 8));
  out.push_back(static_cast<std::uint8_t>(where.port));
  return out;
}

expected<endpoint> unpack_beacon(byte_view bytes) {
  if (bytes.size() != beacon_bytes ||
      !std::ranges::equal(bytes.first(mark.size()), mark, {}, {},
                          [](char c) { return static_cast<std::uint8_t>(c); }) ||
      bytes[mark.size()] != version)
    return fail(errc::bad_message, "this is no beacon");
  endpoint out;
  const auto rest = bytes.subspan(mark.size() + 1);
  std::copy_n(rest.begin(), out.ip.size(), out.ip.begin());
  out.port = static_cast<std::uint16_t>(rest[16] << 8 | rest[17]);
  if (out.port == 0)
    return fail(errc::bad_message, "a beacon names no port");
  return out;
}

expected<std::unique_ptr<lan_beacon>> lan_beacon::open(const address& group, const endpoint& own,
                                                       hearer hears) {
  DCI_ASSIGN(const auto to, resolve(group));
  if (!is_multicast(to))
    return fail(errc::bad_config, to_string(group) + " is no multicast address of IPv4; write one "
                                                     "such as 239.255.68.67:4805");
  if (!is_v4(own))
    return fail(errc::unsupported, "a node at " + to_string(own) +
                                       " is not found by multicast, "
                                       "which is IPv4's");
  descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  descriptor stop{eventfd(0, EFD_CLOEXEC)};
  if (socket.get() < 0 || stop.get() < 0 || !take_part(socket.get(), to, own))
    return fail(system_error("cannot take part in " + to_string(group)));
  return std::unique_ptr<lan_beacon>(
      new lan_beacon(std::move(socket), std::move(stop), to, own, std::move(hears)));
}

lan_beacon::lan_beacon(descriptor socket, descriptor stop, const endpoint& group,
                       const endpoint& own, hearer hears)
    : socket_(std::move(socket)), stop_(std::move(stop)), group_(group), own_(own),
      hears_(std::move(hears)), thread_([this] { serve(); }) {
}

lan_beacon::~lan_beacon() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void lan_beacon::serve() {
  clock::duration wait = first_pause;
  auto next = clock::now();
  while (true) {
    if (next <= clock::now()) {
      say();
      next = clock::now() + wait;
      wait = std::min<clock::duration>(2 * wait, pause);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
    pollfd both[] = {{stop_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
    if (poll(both, 2, static_cast<int>(std::max<std::int64_t>(left, 0))) < 0 && errno != EINTR)
      return;
    if (both[0].revents != 0)
      return;
    if (both[1].revents != 0)
      hear();
  }
}

// Lost ones come again.
void lan_beacon::say() const {
  const auto bytes = pack_beacon(own_);
  const auto to = to_system(group_, false);
  sendto(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to.get(), to.size);
}

void lan_beacon::hear() {
  for (int i = 0; i < most_at_once; ++i) {
    std::uint8_t bytes[beacon_bytes + 1];
    socket_address from;
    from.size = sizeof(from.bytes);
    const auto count =
        recvfrom(socket_.get(), bytes, sizeof(bytes), MSG_DONTWAIT, from.get(), &from.size);
    if (count < 0)
      return;
    const auto said = unpack_beacon({bytes, static_cast<std::size_t>(count)});
    if (said && said->ip == from_system(from.bytes).ip && *said != own_)
      hears_(*said);
  }
}

} // namespace dci
