#include "net/tls/tls_link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>

#include "net/socket_address.hpp"
#include "net/tcp_socket.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

using clock = std::chrono::steady_clock;

// What a listener says first.
constexpr char welcome = 'w';

short events_of(tls_step step) {
  return step == tls_step::wait_to_write ? POLLOUT : POLLIN;
}

} // namespace

result wait_for_socket(int socket, short events, clock::time_point end, int stop,
                       const std::string& who) {
  std::array<pollfd, 2> both{pollfd{socket, events, 0}, pollfd{stop, POLLIN, 0}};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()).count();
    if (left <= 0)
      return fail(errc::timed_out, who + " does not answer in time");
    if (poll(both.data(), both.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000))) <= 0)
      continue;
    if (both[1].revents != 0)
      return fail(errc::cancelled, "gave up waiting for " + who);
    return {};
  }
}

expected<tls_link> tls_dial(const std::shared_ptr<tls_context>& context, const address& to,
                            tls_patience patience, tls_purpose purpose) {
  const auto end = clock::now() + patience.longest;
  DCI_ASSIGN(const auto where, resolve(to));
  tls_link out;
  out.peer_address = to_string(to);
  out.socket = tcp_socket(where);
  const auto there = to_system(where, !is_v4(where));
  if (out.socket.get() < 0)
    return fail(system_error("cannot make a TCP socket"));
  send_at_once(out.socket.get());
  if (connect(out.socket.get(), there.get(), there.size) != 0 && errno != EINPROGRESS)
    return fail(system_error("cannot connect to " + to_string(to)));
  const auto wait = [&](short events) {
    return wait_for_socket(out.socket.get(), events, end, patience.stop, to_string(to));
  };
  DCI_TRY(wait(POLLOUT));
  socklen_t size = sizeof(errno);
  getsockopt(out.socket.get(), SOL_SOCKET, SO_ERROR, &errno, &size);
  if (errno != 0)
    return fail(system_error("cannot connect to " + to_string(to)));
  DCI_ASSIGN(out.session, tls_session::on(context, out.socket.get(), tls_role::dials, purpose));
  bool shaken = false;
  while (true) {
    char word = 0;
    std::size_t count = 0;
    const auto step = shaken ? out.session->read(&word, 1, count) : out.session->handshake();
    if (step == tls_step::failed || (count == 1 && word != welcome))
      return fail(out.session->why().code, to_string(to) + ": " + out.session->why().message);
    if (count == 1)
      return out;
    if (step == tls_step::done)
      shaken = true;
    else
      DCI_TRY(wait(events_of(step)));
  }
}

struct tls_listener::caller {
  tls_link link;
  clock::time_point end;
  short events = POLLIN;
};

expected<std::unique_ptr<tls_listener>> tls_listener::open(std::shared_ptr<tls_context> context,
                                                           const address& listen,
                                                           std::function<void(tls_link)> on_link) {
  DCI_ASSIGN(const auto where, resolve(listen));
  DCI_ASSIGN(auto socket, listen_tcp(where, 64, "TLS"));
  DCI_ASSIGN(const auto own, own_endpoint(socket.get()));
  descriptor stop{eventfd(0, EFD_CLOEXEC)};
  if (stop.get() < 0)
    return fail(errc::internal, "no descriptor is left for an eventfd");
  return std::unique_ptr<tls_listener>(new tls_listener(std::move(context), std::move(socket),
                                                        std::move(stop), {listen.host, own.port},
                                                        std::move(on_link)));
}

tls_listener::tls_listener(std::shared_ptr<tls_context> context, descriptor socket, descriptor stop,
                           address where, std::function<void(tls_link)> on_link)
    : context_(std::move(context)), socket_(std::move(socket)), stop_(std::move(stop)),
      where_(std::move(where)), on_link_(std::move(on_link)), thread_([this] { serve(); }) {
}

tls_listener::~tls_listener() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void tls_listener::serve() {
  while (true) {
    const bool has_room = callers_.size() < most_handshakes;
    std::vector<pollfd> watched{{stop_.get(), POLLIN, 0},
                                {has_room ? socket_.get() : -1, POLLIN, 0}};
    auto end = clock::time_point::max();
    for (const auto& one : callers_) {
      watched.push_back({one.link.socket.get(), one.events, 0});
      end = std::min(end, one.end);
    }
    const int wait =
        callers_.empty()
            ? -1
            : static_cast<int>(std::max<std::int64_t>(
                  0, std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()).count()));
    if (poll(watched.data(), watched.size(), wait) < 0 && errno != EINTR)
      return;
    if (watched[0].revents != 0)
      return;
    std::size_t at = 2;
    std::erase_if(callers_, [&](caller& one) {
      return watched[at++].revents == 0 ? one.end <= clock::now() : is_over(one);
    });
    if (watched[1].revents != 0)
      accept_one();
  }
}

bool tls_listener::is_over(caller& one) {
  const auto step = one.link.session->handshake();
  if (step == tls_step::failed)
    refuse(one.link);
  else if (step == tls_step::done)
    let_in(std::move(one.link));
  else
    one.events = events_of(step);
  return step == tls_step::failed || step == tls_step::done;
}

void tls_listener::let_in(tls_link link) {
  std::size_t count = 0;
  // One byte into an empty buffer: it does not wait.
  if (link.session->write(&welcome, 1, count) == tls_step::done &&
      link.session->purpose() == tls_purpose::talks)
    on_link_(std::move(link));
}

void tls_listener::refuse(const tls_link& link) {
  if (warnings_.allows())
    spdlog::warn("{} is not let in: {}", link.peer_address, link.session->why().message);
}

void tls_listener::accept_one() {
  endpoint from;
  tls_link link;
  link.socket = accept_tcp(socket_.get(), from);
  if (link.socket.get() < 0)
    return;
  link.peer_address = to_string(from);
  auto session = tls_session::on(context_, link.socket.get(), tls_role::listens);
  if (!session)
    return;
  link.session = std::move(*session);
  callers_.push_back({std::move(link), clock::now() + longest_handshake, POLLIN});
}

} // namespace dci
