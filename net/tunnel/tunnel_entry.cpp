#include "net/tunnel/tunnel_entry.hpp"

#include <sys/eventfd.h>

#include "net/tcp_socket.hpp"
#include "net/tunnel/entry_parts.hpp"
#include "net/udp_socket.hpp"

namespace dci {

expected<std::unique_ptr<tunnel_entry>> tunnel_entry::start(std::shared_ptr<tls_context> context,
                                                            const settings& is) {
  if (is.doors.first_port == 0 || is.doors.first_port > is.doors.last_port)
    return fail(errc::bad_config, "doors need a range of ports: first_port, and last_port not "
                                  "below it");
  std::unique_ptr<tunnel_entry> out(new tunnel_entry(std::make_unique<parts>()));
  auto& p = *out->parts_;
  p.is = is;
  p.context = std::move(context);
  DCI_TRY(p.open());
  p.thread = std::thread([&p] { p.run(); });
  return out;
}

tunnel_entry::tunnel_entry(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}

tunnel_entry::~tunnel_entry() {
  parts_->listener.reset();
  parts_->ends = true;
  eventfd_write(parts_->wake.get(), 1);
  if (parts_->thread.joinable())
    parts_->thread.join();
}

const address& tunnel_entry::where() const {
  return parts_->told;
}

tunnel_figures tunnel_entry::figures() const {
  const std::lock_guard lock(parts_->mutex);
  tunnel_figures out;
  out.state = "open";
  for (const auto& one : parts_->doors) {
    out.doors.push_back(one.so_far);
    out.doors.back().connections = parts_->connections_of(one);
  }
  out.refused = parts_->refused;
  return out;
}

result tunnel_entry::parts::open() {
  DCI_ASSIGN(where, resolve(is.listen));
  wake = descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wake.get() < 0)
    return fail(errc::internal, "no descriptor is left for an eventfd");
  auto calls_at = where;
  calls_at.port = is.calls_port;
  DCI_ASSIGN(calls_listener, listen_tcp(calls_at, 64, "a tunnel"));
  DCI_ASSIGN(const auto own, own_endpoint(calls_listener.get()));
  calls_port = own.port;
  DCI_ASSIGN(listener, tls_listener::open(context, is.listen, [this](tls_link one) {
               {
                 const std::lock_guard lock(mutex);
                 arrived.push_back(std::move(one));
               }
               eventfd_write(wake.get(), 1);
             }));
  told = listener->where();
  where.port = told.port;
  DCI_ASSIGN(udp, open_udp(where, "a tunnel"));
  allow_fragments(udp.get(), !is_v4(where));
  return {};
}

void tunnel_entry::parts::run() {
  while (!ends) {
    {
      const std::lock_guard lock(mutex);
      watch_all();
    }
    if (!watched.wait())
      return;
    const std::lock_guard lock(mutex);
    now = clock::now();
    eventfd_t ignored = 0;
    if (watched.came(wake_place) != 0)
      eventfd_read(wake.get(), &ignored);
    serve_all();
    sweep();
  }
}

void tunnel_entry::parts::watch_all() {
  now = clock::now();
  watched.begin();
  const bool accepts = no_accept_until <= now;
  if (!accepts)
    watched.wake_at(no_accept_until);
  wake_place = watched.watch({wake.get(), POLLIN, 0});
  calls_place = watched.watch({accepts ? calls_listener.get() : -1, POLLIN, 0});
  udp_place = watched.watch({udp.get(), POLLIN, 0});
  for (auto& one : sessions) {
    one.place = watched.watch(one.link.watched());
    watched.wake_at(one.link.next_turn());
  }
  for (auto& one : doors) {
    const bool waits = one.is.transport == door_transport::tcp && !accepts;
    one.place = watched.watch({waits ? -1 : one.socket.get(), POLLIN, 0});
  }
  for (auto& one : newcomers) {
    one.place = watched.watch({one.socket.get(), POLLIN, 0});
    watched.wake_at(one.end);
  }
  for (auto& one : splices)
    for (int side = 0; side < 2; ++side)
      one.places[side] = watched.watch(one.pair.watched(side, now));
  watched.wake_at(calls.next_end());
}

void tunnel_entry::parts::serve_all() {
  for (auto& one : splices) {
    for (int side = 0; side < 2; ++side)
      one.pair.serve(side, watched.came(one.places[side]));
    count(one);
  }
  for (auto& one : newcomers)
    if (watched.came(one.place) != 0)
      serve(one);
  if (watched.came(calls_place) != 0)
    accept_newcomers();
  for (auto& one : doors)
    if (watched.came(one.place) != 0)
      one.is.transport == door_transport::tcp ? accept_caller(one) : hear_peers(one);
  if (watched.came(udp_place) != 0)
    hear_exits();
  for (auto& one : sessions)
    if (watched.came(one.place) != 0 || one.link.next_turn() <= now)
      serve(one);
  take_arrivals();
}

void tunnel_entry::parts::sweep() {
  end_sessions();
  if (const auto late = calls.drop_late(now); late > 0)
    refused["a caller whom the exit did not fetch"] += late;
  newcomers.remove_if([&](const newcomer& one) {
    if (!one.is_over && one.end <= now)
      refuse("a connection that shows nothing");
    return one.is_over || one.end <= now;
  });
  splices.remove_if([](const splice& one) { return one.pair.is_over(); });
}

void tunnel_entry::parts::count(splice& one) {
  auto* const at = find_door(one.door);
  if (at == nullptr)
    return;
  at->so_far.bytes_in += one.pair.came(0) - one.counted[0];
  at->so_far.bytes_out += one.pair.came(1) - one.counted[1];
  one.counted = {one.pair.came(0), one.pair.came(1)};
}

tunnel_entry::parts::door* tunnel_entry::parts::find_door(std::uint64_t number) {
  for (auto& one : doors)
    if (one.number == number)
      return &one;
  return nullptr;
}

std::size_t tunnel_entry::parts::connections_of(const door& at) const {
  std::size_t out = calls.waiting(at.number);
  for (const auto& one : splices)
    out += one.door == at.number ? 1 : 0;
  return out;
}

} // namespace dci
