// Certificates that are renewed while connections live.
#include <atomic>
#include <condition_variable>
#include <functional>

#include "net/tls/tls_refresher.hpp"
#include "tests/net/tls/tls_fixture.hpp"

namespace dci::test {
namespace {

struct scene {
  signer ours{"ours"}, strangers{"strangers"};
  std::atomic<wall_time> then = now;
  tls_context::wall_clock clock = [this] { return then.load(); };
  tls_node a{ours, ours, clock}, b{ours, ours, clock};

  certificate newer(const tls_node& of, wall_time made, std::chrono::seconds lifetime = 24h) const {
    return must(parse_certificate(ours.vouch(*of.key, made, lifetime)));
  }
  void renew(tls_node& who, wall_time made) {
    who.shown = newer(who, made);
    REQUIRE(who.context->show({who.shown}));
  }
  byte_vector revocation(const certificate& of, unsigned number = 1) const {
    return must(make_revocation_list(
        ours.key, ours.root, number, then, then.load() + 24h,
        std::vector{revoked_certificate{of.serial, then, revocation_reason::unspecified}}));
  }
};

bool eventually(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  std::mutex mutex;
  std::condition_variable never;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, 10ms);
  }
  return true;
}

/// What is said, or why it is not, once the session has looked at its peer's certificates.
std::string after_a_look(tls_pair& p, bool should_end) {
  std::string heard;
  const auto goes_on_until = std::chrono::steady_clock::now() + 600ms;
  eventually([&] {
    say(*p.dials, "x");
    heard = next_word(*p.listens);
    return should_end ? heard.front() != 'x' && heard.front() != '('
                      : std::chrono::steady_clock::now() > goes_on_until;
  });
  return heard;
}

TEST_CASE("new connections show the new certificates, and live ones go on") {
  scene s;
  tls_pair before(s.a.context, s.b.context);
  REQUIRE(before.shake_hands());
  const auto version = s.a.context->shown_version();
  s.then = now + 16h;
  s.renew(s.a, now + 16h);
  CHECK(s.a.context->shown_version() != version);
  CHECK(s.a.context->shown() == std::vector<byte_vector>{s.a.shown.der});
  CHECK(s.a.context->shown_until() == now + 40h);
  CHECK(say(*before.dials, "still here"));
  CHECK(next_word(*before.listens) == "still here");
  s.then = now + 23h;
  tls_pair after(s.a.context, s.b.context);
  REQUIRE(after.shake_hands());
  CHECK(after.listens->peer()->valid_until == now + 40h);
  CHECK(after.dials->peer()->valid_until == now + 24h);
}

TEST_CASE("only certificates of the own key are shown, and none that have ended") {
  scene s;
  const auto version = s.a.context->shown_version();
  const auto refused = [&](std::vector<certificate> all, const std::string& words) {
    const auto no = s.a.context->show(std::move(all));
    CHECK(has(why(no), words));
    CHECK(no.error().code == errc::bad_config);
  };
  refused({}, "without certificates");
  refused({s.b.shown}, to_string(s.b.key->id()));
  refused({s.newer(s.a, now), s.b.shown}, to_string(s.b.key->id()));
  refused({s.newer(s.a, now - 48h)}, "\"ours\" ended at 2023-11-13 22:13:20 UTC");
  CHECK(s.a.context->shown_version() == version);
  CHECK(s.a.context->shown() == std::vector<byte_vector>{s.a.shown.der});
  tls_pair p(s.a.context, s.b.context);
  CHECK(p.shake_hands());
  const auto asks = must(tls_context::without_certificates(must(trust_store::of({s.ours.root}))));
  CHECK(has(why(asks->show({s.a.shown})), "without a key"));
}

TEST_CASE("a connection goes on by the certificates that its peer has shown since, by any way") {
  scene s;
  tls_pair p(s.a.context, s.b.context);
  REQUIRE(p.shake_hands());
  s.then = now + 16h;
  s.renew(s.a, now + 16h);
  s.renew(s.b, now + 16h);
  // As a datagram brings them, or another connection.
  CHECK(s.b.context->verify(s.a.context->shown()));
  tls_pair other(s.b.context, s.a.context);
  REQUIRE(other.shake_hands());
  s.then = now + 25h;
  CHECK(after_a_look(p, false).front() == 'x');
  CHECK(say(*p.listens, "and back"));
  CHECK(next_word(*p.dials) == "and back");
  CHECK(s.b.context->refusals().empty());
  // And ends with those.
  s.then = now + 41h;
  CHECK(has(after_a_look(p, true), "expired"));
}

TEST_CASE("who is not renewed is cut off at the end, and who shows another's certificates, too") {
  scene s;
  tls_pair p(s.a.context, s.b.context);
  REQUIRE(p.shake_hands());
  s.then = now + 16h;
  tls_node thief(s.ours, s.ours, s.clock);
  s.renew(thief, now + 16h);
  CHECK(s.b.context->verify(thief.context->shown()));
  // Certificates that nobody here trusts prolong nothing.
  const auto forged = must(parse_certificate(s.strangers.vouch(*s.a.key, now + 16h)));
  CHECK_FALSE(s.b.context->verify({forged.der}));
  s.then = now + 24h;
  CHECK(after_a_look(p, false).front() == 'x');
  s.then = now + 24h + 1s;
  CHECK(has(after_a_look(p, true), "expired"));
  CHECK(p.listens->why().code == errc::refused);
}

TEST_CASE("a renewed node that is revoked is cut off all the same") {
  scene s;
  tls_pair p(s.a.context, s.b.context);
  REQUIRE(p.shake_hands());
  const auto first = s.a.shown;
  s.then = now + 16h;
  s.renew(s.a, now + 16h);
  s.renew(s.b, now + 16h);
  CHECK(s.b.context->verify(s.a.context->shown()));
  CHECK(s.a.context->verify(s.b.context->shown()));
  // The old one alone: such a node would be let in again, so it may stay.
  CHECK(must(s.b.context->add_revocations(s.revocation(first))));
  CHECK(after_a_look(p, false).front() == 'x');
  s.then = now + 25h;
  CHECK(after_a_look(p, false).front() == 'x');
  CHECK(must(s.b.context->add_revocations(s.revocation(s.a.shown, 2))));
  const auto before = std::chrono::steady_clock::now();
  CHECK(has(after_a_look(p, true), "revoked"));
  CHECK(std::chrono::steady_clock::now() - before < 5s);
}

TEST_CASE("a node that is of the trust domain no more does not come back by renewal") {
  scene s;
  const auto alone = must(tls_context::open(
      {s.b.key, {s.b.shown}, must(trust_store::of({s.ours.root})), std::set{s.b.key->id()}},
      s.clock));
  verified_node a;
  a.id = s.a.key->id();
  a.valid_until = now + 24h;
  const auto followed = alone->follow(a, s.a.context->shown());
  CHECK(alone->verify_still(s.a.context->shown(), followed, false));
  CHECK(alone->verify_still(s.a.context->shown(), followed).error().reason == refusal::stranger);
}

TEST_CASE("sessions are made on other threads while certificates change") {
  scene s;
  std::atomic<bool> ends = false;
  std::thread renews([&] {
    for (int i = 1; !ends; ++i)
      s.renew(s.a, now + std::chrono::seconds{i % 200});
  });
  for (int i = 0; i < 200; ++i) {
    tls_pair p(s.a.context, s.b.context), q(s.b.context, s.a.context);
    CHECK(p.shake_hands());
    CHECK(q.shake_hands());
  }
  ends = true;
  renews.join();
}

struct door {
  std::mutex mutex;
  std::vector<tls_link> came;
  std::unique_ptr<tls_listener> listener; // last: its thread uses the others

  explicit door(const tls_node& who) {
    listener = must(tls_listener::open(who.context, {"127.0.0.1", 0}, [this](tls_link link) {
      const std::lock_guard lock(mutex);
      came.push_back(std::move(link));
    }));
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return came.size();
  }
};

TEST_CASE("who only shows his certificates does not come in") {
  scene s;
  door d(s.b);
  CHECK(must(tls_dial(s.a.context, d.listener->where(), 10s, tls_purpose::shows)).session);
  const auto link = must(tls_dial(s.a.context, d.listener->where(), 10s));
  CHECK(eventually([&] { return d.count() == 1; }));
}

TEST_CASE("both ends' newer certificates are shown beside a connection, and keep it alive") {
  scene s;
  door d(s.b);
  tls_refresher refresher(s.a.context);
  auto link = must(tls_dial(s.a.context, d.listener->where(), 10s));
  const auto token = refresher.look_after(d.listener->where(), *link.session->peer());
  REQUIRE(eventually([&] { return d.count() == 1; }));
  auto& there = *d.came.front().session;
  s.then = now + 16h;
  s.renew(s.b, now + 16h); // who was dialled: it cannot say so
  s.renew(s.a, now + 16h);
  const auto known = [](const tls_node& to) { return to.context->renewals() > 0; };
  CHECK(eventually([&] { return known(s.a) && known(s.b); }));
  s.then = now + 25h;
  const auto end = std::chrono::steady_clock::now() + 600ms;
  while (std::chrono::steady_clock::now() < end) {
    REQUIRE(say(*link.session, "x"));
    REQUIRE(say(there, "y"));
    next_word(there);
    next_word(*link.session);
  }
  CHECK(d.count() == 1);
}

TEST_CASE("the peer's certificates are fetched before they end, and nothing is when nobody talks") {
  scene s;
  door d(s.b);
  tls_refresher refresher(s.a.context);
  auto link = must(tls_dial(s.a.context, d.listener->where(), 10s));
  auto token = refresher.look_after(d.listener->where(), *link.session->peer());
  s.then = now + 16h;
  s.renew(s.b, now + 16h);
  s.then = now + 19h; // A's own are as they were
  CHECK(eventually([&] { return s.a.context->renewals() == 1; }));
  token.reset();
  s.then = now + 35h;
  s.renew(s.b, now + 35h);
  s.renew(s.a, now + 35h);
  // A look later there is still nobody to look after.
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, 1200ms);
  CHECK(s.a.context->renewals() == 1);
}

TEST_CASE("a refresher ends at once, also while it waits for somebody who says nothing") {
  scene s;
  const descriptor silent(socket(AF_INET, SOCK_STREAM, 0));
  auto own = to_system(must(resolve({"127.0.0.1", 0})), false);
  REQUIRE(bind(silent.get(), own.get(), own.size) == 0);
  REQUIRE(listen(silent.get(), 1) == 0);
  REQUIRE(getsockname(silent.get(), own.get(), &own.size) == 0);
  const address where{"127.0.0.1", from_system(own.bytes).port};
  auto refresher = std::make_unique<tls_refresher>(s.a.context);
  verified_node b;
  b.id = s.b.key->id();
  b.valid_until = now + 24h;
  const auto token = refresher->look_after(where, b);
  s.renew(s.a, now + 1s);
  const descriptor caller(accept(silent.get(), nullptr, nullptr)); // it has dialled
  REQUIRE(caller.get() >= 0);
  const auto before = std::chrono::steady_clock::now();
  refresher.reset();
  CHECK(std::chrono::steady_clock::now() - before < 1s);
}

} // namespace
} // namespace dci::test
