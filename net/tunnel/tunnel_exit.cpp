#include "net/tunnel/tunnel_exit.hpp"

#include <algorithm>
#include <array>

#include <sys/eventfd.h>
#include <sys/socket.h>

#include "net/socket_address.hpp"
#include "net/tcp_socket.hpp"
#include "net/tunnel/exit_parts.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/seed.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds longest_dial{5}, held_for_a_while{10};

} // namespace

std::chrono::milliseconds pause_after(std::uint32_t failures) {
  constexpr std::chrono::milliseconds first{500}, longest{15'000};
  return std::min(longest, first * (1u << std::min(failures, 5u)));
}

expected<std::unique_ptr<tunnel_exit>> tunnel_exit::start(std::shared_ptr<tls_context> context,
                                                          const settings& is) {
  std::unique_ptr<tunnel_exit> out(new tunnel_exit(std::make_unique<parts>()));
  auto& p = *out->parts_;
  p.is = is;
  p.context = std::move(context);
  DCI_TRY(p.open());
  p.refresher.emplace(p.context);
  p.thread = std::thread([&p] { p.run(); });
  return out;
}

tunnel_exit::tunnel_exit(std::unique_ptr<parts> p) : parts_(std::move(p)) {
}

tunnel_exit::~tunnel_exit() {
  parts_->ends = true;
  eventfd_write(parts_->wake.get(), 1);
  if (parts_->thread.joinable())
    parts_->thread.join();
}

const std::shared_ptr<tunnel_way>& tunnel_exit::way() const {
  return parts_->way;
}

tunnel_figures tunnel_exit::figures() const {
  const std::lock_guard lock(parts_->mutex);
  tunnel_figures out;
  out.state = parts_->state;
  out.why = parts_->why;
  out.refused = parts_->refused;
  for (const auto& one : parts_->doors)
    out.doors.push_back(one.so_far);
  for (const auto& one : parts_->splices)
    ++out.doors[one.door].connections;
  if (!parts_->way)
    return out;
  const auto datagrams = parts_->way->so_far();
  for (auto& one : out.doors)
    if (one.transport == to_string(door_transport::udp)) {
      one.callers = datagrams.came;
      one.bytes_in = datagrams.bytes_in;
      one.bytes_out = datagrams.bytes_out;
    }
  for (const auto& [reason, times] : datagrams.refused)
    out.refused[reason] += times;
  return out;
}

result tunnel_exit::parts::open() {
  if (is.doors.empty())
    return fail(errc::bad_config, "a tunnel's exit needs doors");
  random = random_source(machine_seed());
  wake = descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wake.get() < 0)
    return fail(errc::internal, "no descriptor is left for an eventfd");
  for (const auto& one : is.doors) {
    kept_door made;
    made.is = one;
    made.so_far.transport = to_string(one.transport);
    made.so_far.at = to_string(one.at);
    made.so_far.state = "closed";
    if (one.transport == door_transport::tcp) {
      if (!one.to)
        return fail(errc::bad_config, "the door " + to_string(one.at) + " leads nowhere: say to");
      DCI_ASSIGN(made.target, resolve(*one.to));
      made.so_far.to = to_string(*one.to);
    } else if (one.to) {
      return fail(errc::bad_config, "the door " + to_string(one.at) +
                                        " is of udp, whose datagrams go to the link that names "
                                        "this tunnel: leave to out");
    } else if (way) {
      return fail(errc::bad_config, "a tunnel has one door of udp at most");
    } else {
      way = std::make_shared<tunnel_way>();
    }
    doors.push_back(std::move(made));
  }
  return {};
}

void tunnel_exit::parts::run() {
  std::uint32_t failures = 0;
  while (!ends) {
    auto made = tls_dial(context, is.entry, {longest_dial, wake.get()});
    error lost;
    if (made) {
      const auto begin = clock::now();
      now = begin;
      socket_address there;
      there.size = sizeof(there.bytes);
      getpeername(made->socket.get(), there.get(), &there.size);
      entry = from_system(there.bytes);
      notice_silence(made->socket.get());
      made->looked_after = refresher->look_after(is.entry, *made->session->peer());
      link.emplace(std::move(*made), now);
      lost = hold();
      if (clock::now() - begin >= held_for_a_while)
        failures = 0;
    } else {
      lost = made.error();
    }
    if (ends)
      break;
    end(lost);
    // Not all of an entry's exits at once.
    const auto pause = pause_after(failures++);
    wait(pause / 2 +
         std::chrono::milliseconds{random.below(static_cast<std::uint64_t>(pause.count()))});
  }
  end({errc::cancelled, "it has been stopped"});
}

void tunnel_exit::parts::end(const error& lost) {
  link.reset();
  if (way)
    way->close();
  const std::lock_guard lock(mutex);
  if (why != lost.message && !ends)
    spdlog::warn("tunnel: {}", lost.message);
  state = "dialling";
  why = lost.message;
  ++refused["a session: " + std::string{to_string(lost.code)}];
  splices.clear();
  for (auto& one : doors) {
    one.is_open = false;
    one.ask_again = clock::time_point::max();
    one.so_far.state = "closed";
  }
}

void tunnel_exit::parts::wait(std::chrono::milliseconds pause) {
  pollfd one{wake.get(), POLLIN, 0};
  poll(&one, 1, static_cast<int>(pause.count()));
}

error tunnel_exit::parts::hold() {
  while (!ends) {
    watch_all();
    if (!watched.wait())
      return {errc::internal, "the system cannot wait for sockets"};
    now = clock::now();
    if (const auto served = serve_all(); !served)
      return served.error();
  }
  return {errc::cancelled, "it has been stopped"};
}

} // namespace dci
