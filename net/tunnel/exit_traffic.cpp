// A tunnel's exit while it has a session.
#include <algorithm>

#include "net/tcp_socket.hpp"
#include "net/tunnel/exit_parts.hpp"
#include "runtime/base/log.hpp"

namespace dci {
namespace {

constexpr std::chrono::seconds before_door_again{5};

} // namespace

void tunnel_exit::parts::watch_all() {
  now = clock::now();
  watched.begin();
  wake_place = watched.watch({wake.get(), POLLIN, 0});
  link_place = watched.watch(link->watched());
  watched.wake_at(link->next_turn());
  for (const auto& one : doors) {
    watched.wake_at(one.ask_again);
    if (one.is_open && one.is.transport == door_transport::udp)
      watched.wake_at(next_keep_open);
  }
  for (auto& one : splices)
    for (int side = 0; side < 2; ++side)
      one.places[side] = watched.watch(one.pair.watched(side, now));
}

result tunnel_exit::parts::serve_all() {
  const std::lock_guard lock(mutex);
  for (auto& one : splices) {
    for (int side = 0; side < 2; ++side)
      one.pair.serve(side, watched.came(one.places[side]));
    count(one);
    // The entry may still hold the caller, where he was not fetched.
    if (one.pair.is_over() && one.pair.came(0) + one.pair.came(1) == 0)
      static_cast<void>(link->say(pack_exit_word(call_failed{one.call})));
  }
  splices.remove_if([](const splice& one) { return one.pair.is_over(); });
  ask_for_doors(false);
  if (way && next_keep_open <= now) {
    way->keep_open();
    next_keep_open = now + is.between_keep_opens;
  }
  if (watched.came(link_place) != 0 || link->next_turn() <= now)
    return link->turn(now, [this](byte_view content) { return hear(content); });
  return {};
}

void tunnel_exit::parts::count(splice& one) {
  auto& at = doors[one.door].so_far;
  at.bytes_in += one.pair.came(0) - one.counted[0];
  at.bytes_out += one.pair.came(1) - one.counted[1];
  one.counted = {one.pair.came(0), one.pair.came(1)};
}

result tunnel_exit::parts::hear(byte_view content) {
  DCI_ASSIGN(const auto word, unpack_entry_word(content));
  if (const auto* const welcome = std::get_if<tunnel_welcome>(&word)) {
    calls_port = welcome->calls_port;
    state = "connected";
    why.clear();
    ask_for_doors(true);
  } else if (const auto* const opened = std::get_if<door_opened>(&word)) {
    take(*opened);
  } else if (const auto* const closed = std::get_if<door_refused>(&word)) {
    take(*closed);
  } else if (const auto* const came = std::get_if<caller_came>(&word)) {
    fetch(*came);
  }
  return {};
}

void tunnel_exit::parts::ask_for_doors(bool all) {
  for (std::size_t i = 0; i < doors.size(); ++i) {
    auto& one = doors[i];
    if (!all && one.ask_again > now)
      continue;
    one.ask_again = clock::time_point::max();
    static_cast<void>(link->say(pack_exit_word(
        open_door{static_cast<std::uint32_t>(i), one.is.transport, one.is.at.port})));
  }
}

void tunnel_exit::parts::take(const door_opened& said) {
  if (said.door >= doors.size())
    return;
  auto& one = doors[said.door];
  one.is_open = true;
  one.so_far.state = "open";
  spdlog::info("tunnel: the door {} {} is open", one.so_far.transport, one.so_far.at);
  if (one.is.transport == door_transport::udp) {
    way->open(entry, said.token);
    next_keep_open = now + is.between_keep_opens;
  }
}

void tunnel_exit::parts::take(const door_refused& said) {
  if (said.door >= doors.size())
    return;
  auto& one = doors[said.door];
  const std::string reason{to_string(said.reason)};
  if (one.so_far.state != reason)
    spdlog::warn("tunnel: the door {} {} is refused: {}", one.so_far.transport, one.so_far.at,
                 meaning(said.reason));
  one.is_open = false;
  one.so_far.state = reason;
  one.ask_again = now + before_door_again;
  ++refused["a door: " + reason];
}

void tunnel_exit::parts::fetch(const caller_came& said) {
  const auto cannot = [&](const char* reason) {
    ++refused[reason];
    static_cast<void>(link->say(pack_exit_word(call_failed{said.call})));
  };
  if (said.door >= doors.size() || !doors[said.door].is_open ||
      doors[said.door].is.transport != door_transport::tcp)
    return cannot("a caller at a door that is not open");
  if (splices.size() >= is.most_connections)
    return cannot("too many callers");
  auto& at = doors[said.door];
  auto there = entry;
  there.port = calls_port;
  auto caller = begin_to_connect(there);
  auto target = begin_to_connect(at.target);
  if (caller.get() < 0 || target.get() < 0)
    return cannot("a caller who cannot be connected");
  notice_silence(caller.get());
  notice_silence(target.get());
  ++at.so_far.callers;
  auto& made = splices.emplace_back(splice{
      said.door, said.call, stream_pair(std::move(caller), std::move(target), is.most_bytes)});
  const auto proof = pack_call_proof({said.call, said.secret});
  made.pair.put(1, {proof.begin(), proof.end()});
}

} // namespace dci
