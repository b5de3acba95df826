// What passes the doors of a tunnel's entry.
#include <cerrno>

#include <sys/socket.h>

#include "net/tcp_socket.hpp"
#include "net/tunnel/entry_parts.hpp"
#include "net/tunnel/secrets.hpp"
#include "net/tunnel/wrapped.hpp"
#include "net/udp_socket.hpp"

namespace dci {
namespace {

constexpr std::size_t most_newcomers = 64;
constexpr std::chrono::seconds longest_show{5};
// An exit says where it is every 15 s. Whoever has its address later is sent nothing.
constexpr std::chrono::seconds longest_silence_of_exit{60};
constexpr std::chrono::milliseconds without_descriptors{100};
// So that a flood at one socket does not keep the others waiting.
constexpr int most_at_once = 64;

} // namespace

void tunnel_entry::parts::accept_caller(door& at) {
  endpoint from;
  auto caller = accept_tcp(at.socket.get(), from);
  if (caller.get() < 0) {
    if (errno == EMFILE || errno == ENFILE)
      no_accept_until = now + without_descriptors;
    return;
  }
  if (connections_of(at) >= is.most_connections)
    return refuse("too many callers at a door");
  const auto proof = calls.add(at.number, std::move(caller), now);
  if (!proof)
    return refuse(proof.error().message);
  ++at.so_far.callers;
  for (auto& one : sessions)
    if (one.number == at.session) {
      const auto word = pack_entry_word(caller_came{at.name, proof->call, proof->secret});
      if (!one.link.say(word)) {
        calls.drop(proof->call, {at.number});
        refuse("an exit that is too slow to hear of callers");
      }
    }
}

void tunnel_entry::parts::accept_newcomers() {
  for (int i = 0; i < most_at_once; ++i) {
    endpoint from;
    auto socket = accept_tcp(calls_listener.get(), from);
    if (socket.get() < 0) {
      if (errno == EMFILE || errno == ENFILE)
        no_accept_until = now + without_descriptors;
      return;
    }
    if (newcomers.size() >= most_newcomers) {
      // Exits show at once whom they fetch: who has waited longest is none.
      refuse("a connection that shows nothing");
      newcomers.pop_front();
    }
    auto& made = newcomers.emplace_back(newcomer{std::move(socket), now + longest_show, {}});
    serve(made);
  }
}

void tunnel_entry::parts::serve(newcomer& one) {
  std::array<std::uint8_t, call_proof_bytes> buffer;
  const auto count = recv(one.socket.get(), buffer.data(), call_proof_bytes - one.shown.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    return;
  if (count > 0)
    one.shown.insert(one.shown.end(), buffer.begin(), buffer.begin() + count);
  if (count > 0 && one.shown.size() < call_proof_bytes)
    return;
  one.is_over = true;
  if (one.shown.empty())
    return refuse("a connection that shows nothing");
  const auto proof = unpack_call_proof(one.shown);
  if (!proof)
    return refuse(proof.error().message);
  auto found = calls.claim(*proof, now);
  if (!found)
    return refuse("a connection that fetches nobody who waits, or with a wrong secret");
  notice_silence(found->caller.get());
  notice_silence(one.socket.get());
  splices.push_back(
      {found->door, stream_pair(std::move(found->caller), std::move(one.socket), is.most_bytes)});
}

void tunnel_entry::parts::hear_peers(door& at) {
  udp_reader reader;
  for (int i = 0; i < most_at_once; ++i) {
    const auto heard = reader.next(at.socket.get());
    if (!heard)
      return;
    ++at.so_far.callers;
    if (heard->is_too_long || heard->bytes.size() > most_datagram_bytes) {
      refuse("a datagram is too long");
    } else if (!at.exit || at.heard + longest_silence_of_exit <= now) {
      refuse("a datagram for an exit that does not say where it is");
    } else {
      at.so_far.bytes_in += heard->bytes.size();
      send_udp(udp.get(), !is_v4(where), *at.exit,
               wrap_datagram({at.token, heard->from, heard->bytes}));
    }
  }
}

void tunnel_entry::parts::hear_exits() {
  udp_reader reader;
  for (int i = 0; i < most_at_once; ++i) {
    const auto heard = reader.next(udp.get());
    if (!heard)
      return;
    if (heard->is_too_long)
      refuse("a datagram is too long");
    else
      take_wrapped(heard->from, heard->bytes);
  }
}

void tunnel_entry::parts::take_wrapped(const endpoint& from, byte_view bytes) {
  const auto opened = unwrap_datagram(bytes);
  if (!opened)
    return refuse(opened.error().message);
  door* at = nullptr;
  // All are compared, so that the time tells nothing.
  for (auto& one : doors)
    if (one.is.transport == door_transport::udp && is_same_secret(one.token, opened->token))
      at = &one;
  if (at == nullptr)
    return refuse("a datagram with a wrong token");
  // The newest one: what is between may give the exit another address at any time.
  at->exit = from;
  at->heard = now;
  if (!opened->peer)
    return;
  const bool is_local = is_loopback(is.listen);
  if (*opened->peer == where || !is_fit_for_door(*opened->peer, is_local))
    return refuse("a datagram to where a door does not send");
  at->so_far.bytes_out += opened->bytes.size();
  send_udp(at->socket.get(), !is_v4(where), *opened->peer, opened->bytes);
}

} // namespace dci
