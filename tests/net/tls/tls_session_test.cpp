// Who may speak TLS with whom, and for how long.
#include "tests/net/tls/tls_fixture.hpp"

#include <openssl/ssl.h>

namespace dci::test {
namespace {

struct scene {
  signer ours{"ours"}, strangers{"strangers"};
  tls_node a{ours, ours}, b{ours, ours};
};

// The listener's reason, after the dialler came.
std::string refusal_of(const std::shared_ptr<tls_context>& dials,
                       const std::shared_ptr<tls_context>& listens) {
  tls_pair p(dials, listens);
  CHECK(!p.shake_hands());
  CHECK(p.listens->why().code == errc::refused);
  return p.listens->why().message;
}

TEST_CASE("two nodes of one authority know each other by name, and what they say arrives") {
  scene s;
  tls_pair p(s.a.context, s.b.context);
  REQUIRE(p.shake_hands());
  CHECK(p.dials->peer()->id == s.b.key->id());
  CHECK(p.listens->peer()->id == s.a.key->id());
  CHECK(say(*p.dials, "hello"));
  CHECK(next_word(*p.listens) == "hello");
  CHECK(next_word(*p.listens) == "(nothing yet)");
  CHECK(say(*p.listens, "and you"));
  CHECK(next_word(*p.dials) == "and you");
  p.dials.reset();
  CHECK(has(next_word(*p.listens), "closed"));
  CHECK(p.listens->why().code == errc::peer_lost);
  CHECK(s.a.context->refusals().empty());
  CHECK(s.b.context->refusals().empty());
}

TEST_CASE("a stranger's certificate is refused by either side, by name, and counted") {
  scene s;
  const tls_node stranger(s.strangers, s.ours);
  CHECK(has(refusal_of(stranger.context, s.b.context), "authority"));
  CHECK(s.b.context->refusals()["unknown_authority"] == 1);
  // The dialler looks first.
  tls_pair p(s.a.context, stranger.context);
  CHECK(!p.shake_hands());
  CHECK(p.dials->why().code == errc::refused);
  CHECK(s.a.context->refusals()["unknown_authority"] == 1);
}

TEST_CASE("a certificate whose time is over, or not yet come, is refused") {
  scene s;
  wall_time then = now + 25h;
  tls_node late(s.ours, s.ours, [&] { return then; });
  CHECK(has(refusal_of(s.a.context, late.context), "2023-11-15"));
  CHECK(late.context->refusals()["expired"] == 1);
  then = now - 2h;
  refusal_of(s.a.context, late.context);
  CHECK(late.context->refusals()["not_yet_valid"] == 1);
}

TEST_CASE("who shows no certificate is refused, and learns why") {
  scene s;
  int pair[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
  const descriptor here(pair[0]), there(pair[1]);
  const auto listens = must(tls_session::on(s.b.context, there.get(), tls_role::listens));
  const openssl_ptr<SSL_CTX, SSL_CTX_free> bare(SSL_CTX_new(TLS_client_method()));
  const openssl_ptr<SSL, SSL_free> caller(SSL_new(bare.get()));
  SSL_set_fd(caller.get(), here.get());
  for (int i = 0; i < 4 && listens->why().message.empty(); ++i) {
    SSL_connect(caller.get());
    listens->handshake();
  }
  CHECK(has(listens->why().message, "no_certificate"));
  CHECK(s.b.context->refusals()["no_certificate"] == 1);
  ERR_clear_error();
}

TEST_CASE("a dialler that is refused learns it when it reads") {
  scene s;
  const tls_node stranger(s.strangers, s.ours);
  tls_pair p(stranger.context, s.b.context);
  CHECK(!p.shake_hands());
  CHECK(has(next_word(*p.dials), "the peer refuses this node: unknown CA"));
}

TEST_CASE("a connection ends when its peer is revoked, and with its certificate") {
  scene s;
  wall_time then = now;
  tls_node careful(s.ours, s.ours, [&] { return then; });
  tls_pair p(s.a.context, careful.context), q(s.b.context, careful.context);
  REQUIRE(p.shake_hands());
  REQUIRE(q.shake_hands());
  CHECK(say(*p.dials, "1"));
  CHECK(next_word(*p.listens) == "1");
  const auto list = must(make_revocation_list(
      s.ours.key, s.ours.root, 1, now, now + 24h,
      std::vector{revoked_certificate{s.a.shown.serial, now, revocation_reason::unspecified}}));
  CHECK(must(careful.context->add_revocations(list)));
  const auto soon = std::chrono::steady_clock::now() + 5s;
  const auto last_word = [&](tls_session& session) {
    auto said = next_word(session);
    while (said == "(nothing yet)" && std::chrono::steady_clock::now() < soon)
      said = next_word(session);
    return said;
  };
  CHECK(has(last_word(*p.listens), "revoked"));
  CHECK(p.listens->why().code == errc::refused);
  CHECK(!say(*p.listens, "2"));
  CHECK(careful.context->refusals()["revoked"] == 1);
  CHECK(has(refusal_of(s.a.context, careful.context), "revoked"));
  // The other one goes on until its time is over.
  CHECK(say(*q.dials, "3"));
  CHECK(next_word(*q.listens) == "3");
  then = now + 25h;
  CHECK(has(last_word(*q.listens), "2023-11-15"));
  CHECK(q.listens->why().code == errc::refused);
  CHECK(careful.context->refusals()["expired"] == 1);
}

TEST_CASE("noise ends its own connection only") {
  scene s;
  tls_pair good(s.a.context, s.b.context);
  REQUIRE(good.shake_hands());
  tls_pair bad(s.a.context, s.b.context);
  const std::string noise = "GET / HTTP/1.1\r\n\r\n";
  REQUIRE(send(bad.ends[0].get(), noise.data(), noise.size(), 0) > 0);
  CHECK(bad.listens->handshake() == tls_step::failed);
  CHECK(bad.listens->why().code == errc::bad_message);
  CHECK(s.b.context->refusals()["malformed"] == 1);
  CHECK(say(*good.dials, "still here"));
  CHECK(next_word(*good.listens) == "still here");
}

TEST_CASE("a context needs certificates of its own key") {
  scene s;
  const auto trusted = must(trust_store::of({s.ours.root}));
  CHECK(has(why(tls_context::open({s.a.key, {}, trusted})), "without certificates"));
  CHECK(has(why(tls_context::open({s.a.key, {s.b.shown}, trusted})), to_string(s.b.shown.id)));
}

} // namespace
} // namespace dci::test
