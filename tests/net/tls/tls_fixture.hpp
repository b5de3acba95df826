// Nodes with certificates, and pairs of sockets between them.
#pragma once

#include <array>
#include <string>

#include <sys/socket.h>

#include "net/descriptor.hpp"
#include "net/socket_address.hpp"
#include "net/tls/tls_session.hpp"
#include "tests/net/identity/fixture.hpp"

namespace dci::test {

/// A node that one authority vouches for, and that trusts some.
struct tls_node {
  std::shared_ptr<const node_key> key =
      std::make_shared<const node_key>(must(node_key::generate()));
  certificate shown;
  std::shared_ptr<tls_context> context;

  tls_node(
      const signer& vouches, const signer& trusts,
      tls_context::wall_clock clock = [] { return now; }) {
    shown = must(parse_certificate(vouches.vouch(*key)));
    context = must(
        tls_context::open({key, {shown}, must(trust_store::of({trusts.root}))}, std::move(clock)));
  }
};

/// Two ends of one connection, whose sessions take turns in this thread.
struct tls_pair {
  std::array<descriptor, 2> ends;
  std::unique_ptr<tls_session> dials, listens;

  tls_pair(const std::shared_ptr<tls_context>& a, const std::shared_ptr<tls_context>& b) {
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    ends = {descriptor(pair[0]), descriptor(pair[1])};
    dials = must(tls_session::on(a, pair[0], tls_role::dials));
    listens = must(tls_session::on(b, pair[1], tls_role::listens));
  }
  /// Until both are done or one fails.
  bool shake_hands() {
    auto x = tls_step::wait_to_read, y = x;
    for (int i = 0; i < 20 && (x != tls_step::done || y != tls_step::done); ++i) {
      if (x != tls_step::done)
        x = dials->handshake();
      if (y != tls_step::done)
        y = listens->handshake();
      if (x == tls_step::failed || y == tls_step::failed)
        return false;
    }
    return x == tls_step::done && y == tls_step::done;
  }
};

/// A caller who does not speak TLS yet.
inline descriptor plain_socket(const address& to) {
  descriptor out(socket(AF_INET, SOCK_STREAM, 0));
  const auto there = to_system(must(resolve(to)), false);
  REQUIRE(connect(out.get(), there.get(), there.size) == 0);
  return out;
}

/// What comes next, or why nothing does.
inline std::string next_word(tls_session& session) {
  char bytes[256];
  std::size_t count = 0;
  switch (session.read(bytes, sizeof(bytes), count)) {
    case tls_step::done:
      return {bytes, count};
    case tls_step::failed:
      return session.why().message;
    default:
      return "(nothing yet)";
  }
}
inline bool say(tls_session& session, const std::string& word) {
  std::size_t count = 0;
  return session.write(word.data(), word.size(), count) == tls_step::done && count == word.size();
}

} // namespace dci::test
