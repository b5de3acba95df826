// Sessions of exits, and the doors they open.
#include <algorithm>
#include <cerrno>

#include "net/tcp_socket.hpp"
#include "net/tunnel/entry_parts.hpp"
#include "net/tunnel/secrets.hpp"
#include "net/udp_socket.hpp"
#include "runtime/base/log.hpp"

namespace dci {

void tunnel_entry::parts::take_arrivals() {
  for (auto& one : std::exchange(arrived, {})) {
    const auto node = one.session->peer()->id;
    const auto own = static_cast<std::size_t>(std::ranges::count(sessions, node, &session::node));
    if (sessions.size() >= most_sessions || own >= most_sessions_of_node) {
      refuse("too many sessions");
      continue;
    }
    notice_silence(one.socket.get());
    spdlog::info("tunnel: node {} comes from {}", to_string(node), one.peer_address);
    auto& made =
        sessions.emplace_back(session{++last_number, control_link(std::move(one), now), node});
    static_cast<void>(made.link.say(pack_entry_word(tunnel_welcome{calls_port})));
    serve(made);
  }
}

void tunnel_entry::parts::serve(session& one) {
  if (one.is_over)
    return;
  const auto heard = one.link.turn(now, [&](byte_view content) { return hear(one, content); });
  if (heard)
    return;
  one.is_over = true;
  const auto& why = heard.error();
  if (why.code != errc::peer_lost)
    refuse("a session ended: " + std::string{to_string(why.code)});
  spdlog::info("tunnel: the session of node {} is over: {}", to_string(one.node), why.message);
}

result tunnel_entry::parts::hear(session& one, byte_view content) {
  DCI_ASSIGN(const auto word, unpack_exit_word(content));
  if (const auto* const wanted = std::get_if<open_door>(&word)) {
    open(one, *wanted);
  } else if (const auto* const failed = std::get_if<call_failed>(&word)) {
    std::vector<std::uint64_t> own;
    for (const auto& at : doors)
      if (at.session == one.number)
        own.push_back(at.number);
    if (calls.drop(failed->call, own))
      refuse("a caller whom the exit could not connect");
  }
  return {};
}

void tunnel_entry::parts::open(session& one, const open_door& wanted) {
  const auto why = make(one, wanted);
  if (why)
    refuse("a door: " + std::string{to_string(*why)});
  const auto said = why ? pack_entry_word(door_refused{wanted.door, *why})
                        : pack_entry_word(door_opened{wanted.door, doors.back().token});
  one.is_over = one.is_over || !one.link.say(said);
}

// The new door is the last one.
std::optional<door_refusal> tunnel_entry::parts::make(session& one, const open_door& wanted) {
  const held_door asked{one.node, wanted.transport, wanted.port};
  std::vector<held_door> held;
  for (const auto& at : doors)
    held.push_back(at.is);
  if (const auto why = refusal_of(is.doors, asked, held))
    return why;
  std::erase_if(doors, [&](const door& at) {
    if (at.is == asked)
      close(at);
    return at.is == asked;
  });
  auto at = where;
  at.port = wanted.port;
  const bool is_tcp = wanted.transport == door_transport::tcp;
  const auto token = drawn_secret<flow_token>();
  auto socket = is_tcp ? listen_tcp(at, 64, "a door") : open_udp(at, "a door");
  const bool is_taken = errno == EADDRINUSE;
  if (!socket || !token) {
    spdlog::warn("tunnel: {}", token ? socket.error().message : token.error().message);
    return is_taken ? door_refusal::taken : door_refusal::impossible;
  }
  door made;
  made.number = ++last_number;
  made.session = one.number;
  made.name = wanted.door;
  made.is = asked;
  made.socket = std::move(*socket);
  made.token = *token;
  made.so_far.transport = to_string(wanted.transport);
  made.so_far.at = to_string(at);
  made.so_far.to = to_string(one.node);
  made.so_far.state = "open";
  doors.push_back(std::move(made));
  return {};
}

// All that passes it ends, too.
void tunnel_entry::parts::close(const door& one) {
  calls.drop_all(one.number);
  splices.remove_if([&](const splice& s) { return s.door == one.number; });
}

void tunnel_entry::parts::end_sessions() {
  for (const auto& one : sessions)
    if (one.is_over)
      std::erase_if(doors, [&](const door& at) {
        if (at.session == one.number)
          close(at);
        return at.session == one.number;
      });
  sessions.remove_if([](const session& one) { return one.is_over; });
}

} // namespace dci
