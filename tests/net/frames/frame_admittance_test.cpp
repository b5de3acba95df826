// Frame ports that hear those only whom an authority vouches for.
#include <atomic>

#include "net/wire/signing.hpp"
#include "tests/net/frames/frames_fixture.hpp"

namespace dci::test {
namespace {

struct scene {
  signer ours{"ours"}, strangers{"strangers"};
  std::atomic<wall_time> then = now;
  tls_node a{ours, ours};
  tls_node careful{ours, ours, [this] { return then.load(); }};

  void revoke(const tls_node& who, const signer& by) {
    const auto list = must(make_revocation_list(
        by.key, by.root, 1, now, now + 24h,
        std::vector{revoked_certificate{who.shown.serial, now, revocation_reason::unspecified}}));
    CHECK(must(careful.context->add_revocations(list)));
  }
};

// That admit says so, and that the port does not let it in either.
void check_refused(const host& by, const host& who, const std::string& reason) {
  const auto admitted = by.port->admit(who.port->contact());
  REQUIRE_FALSE(admitted);
  CHECK(admitted.error().code == errc::refused);
  CHECK_MESSAGE(has(admitted.error().message, reason), admitted.error().message);
  const auto before = by.dropped("not_admitted");
  who.admit(by);
  who.port->send(by.port->contact(), words("let me in"));
  CHECK(eventually([&] { return by.dropped("not_admitted") > before; }));
}

TEST_CASE("who shows certificates that do not hold is refused by name, and by the port") {
  scene s;
  host careful(s.careful);
  const auto refusals = [&](const std::string& reason) {
    return s.careful.context->refusals()[reason];
  };
  const tls_node stranger(s.strangers, s.ours), ended(s.ours, s.ours), revoked(s.ours, s.ours);
  check_refused(careful, host(stranger), "unknown_authority");
  CHECK(refusals("unknown_authority") == 1);
  s.revoke(revoked, s.ours);
  check_refused(careful, host(revoked), "revoked");
  CHECK(refusals("revoked") == 1);
  {
    const tls_node later(s.ours, s.ours, [] { return now + 25h; });
    host by(later), who(ended);
    const auto admitted = by.port->admit(who.port->contact());
    REQUIRE_FALSE(admitted);
    CHECK(has(admitted.error().message, "expired"));
    CHECK(later.context->refusals()["expired"] == 1);
  }
  // One without credentials cannot admit the careful one, so it is not asked to.
  host bare;
  const auto admitted = careful.port->admit(bare.port->contact());
  REQUIRE_FALSE(admitted);
  CHECK(admitted.error().code == errc::refused);
  CHECK(has(admitted.error().message, "no_certificate"));
  CHECK(refusals("no_certificate") == 1);
  const auto other_way = bare.port->admit(careful.port->contact());
  REQUIRE_FALSE(other_way);
  CHECK(other_way.error().code == errc::refused);
  CHECK(has(other_way.error().message, "without credentials cannot judge"));
  CHECK(careful.ear.size() == 0);
}

TEST_CASE("certificates of another key are refused, and contacts that nobody signed") {
  scene s;
  host careful(s.careful), a(s.a);
  const auto refusal = [&](const frame_contact& contact) {
    const auto admitted = careful.port->admit(contact);
    REQUIRE_FALSE(admitted);
    return admitted.error();
  };
  auto stolen = make_contact("127.0.0.1:4701", a.port->contact().curve, nullptr);
  stolen.certificates = s.a.context->shown();
  CHECK(refusal(stolen).code == errc::bad_message);
  CHECK(has(refusal(stolen).message, "lacks its key"));
  wire::sign_with(must(node_key::generate()), stolen, &frame_contact::signature);
  CHECK(refusal(stolen).code == errc::refused);
  CHECK(has(refusal(stolen).message, "other_key"));
  CHECK(s.careful.context->refusals()["other_key"] == 2);

  const auto& good = a.port->contact();
  auto forged = good;
  forged.curve[0] ^= 1;
  CHECK(refusal(forged).code == errc::bad_message);
  CHECK(has(refusal(forged).message, "is not signed by the key in it"));
  forged = good;
  forged.address = "127.0.0.1:4701";
  CHECK(refusal(forged).code == errc::bad_message);
  forged.address = "nonsense";
  CHECK(has(refusal(forged).message, "is not HOST:PORT"));
  forged = good;
  forged.curve = {};
  CHECK(has(refusal(forged).message, "lacks its CURVE key"));
  CHECK(careful.port->admit(good));
}

TEST_CASE("a peer that is revoked while connected is heard and written to no more") {
  scene s;
  const tls_node other(s.ours, s.ours);
  host a(s.a), b(s.careful), c(other);
  befriend(a, b);
  befriend(c, b);
  a.port->send(b.port->contact(), words("one"));
  REQUIRE(b.ear.has(1));
  const auto to_a = b.ear.last_route();
  b.port->send(a.port->contact(), words("two"));
  REQUIRE(a.ear.has(1));
  const auto from_b = a.ear.last_route();
  s.revoke(s.a, s.ours);
  // Nothing is asked again for: the next one is dropped, by whichever connection it comes.
  a.port->send(b.port->contact(), words("three"));
  CHECK(eventually([&] { return b.dropped("revoked") == 1; }));
  // A hears that it is not wanted, and does not take its connection for one any more.
  CHECK(eventually([&] { return a.dropped("refused_by_peer") == 1; }));
  CHECK_FALSE(a.port->is_connected(b.port->contact()));
  b.port->reply(to_a, words("four"));
  CHECK(eventually([&] { return b.dropped("revoked") == 2; }));
  b.port->send(a.port->contact(), words("five"));
  CHECK(b.dropped("revoked") == 3);
  // Within a second B leaves it; then what A says by that connection reaches nobody.
  CHECK(eventually([&] {
    a.port->reply(from_b, words("six"));
    return a.dropped("no_route") > 0;
  }));
  c.port->send(b.port->contact(), words("seven"));
  REQUIRE(b.ear.has(2));
  CHECK(b.ear.last() == words("seven"));
  CHECK(a.ear.size() == 1);
  // Coming again does not help.
  a.port.reset();
  const auto again = must(frame_port::open({"127.0.0.1:0", "", s.a.context}));
  CHECK(has(b.port->admit(again->contact()).error().message, "revoked"));
}

TEST_CASE("a peer that is refused while connected is refused when it connects again") {
  scene s;
  host b(s.careful);
  const auto key = must(curve_pair::generate());
  const auto contact = make_contact("127.0.0.1:1", key.open, s.a.context.get());
  REQUIRE(b.port->admit(contact));
  const frame f = words("one");
  const std::vector<byte_vector> wire{pack_preamble(f), f.header, f.payload};
  {
    raw_peer first(key, b.port->contact());
    first.send(wire);
    REQUIRE(b.ear.has(1));
  }
  s.revoke(s.a, s.ours);
  raw_peer second(key, b.port->contact());
  second.send(wire);
  CHECK(eventually([&] { return b.dropped("revoked") > 0; }));
  CHECK(b.ear.size() == 1);
}

TEST_CASE("a peer whose certificates end is dropped until it shows newer ones") {
  scene s;
  host a(s.a), b(s.careful);
  befriend(a, b);
  a.port->send(b.port->contact(), words("in time"));
  REQUIRE(b.ear.has(1));
  s.then = now + 25h;
  a.port->send(b.port->contact(), words("too late"));
  CHECK(eventually([&] { return b.dropped("expired") == 1; }));
  // Its next connection is refused for good, and it makes another when it is admitted anew.
  const auto curve = a.port->contact().curve;
  const auto renewed = must(parse_certificate(s.ours.vouch(*s.a.key, now + 24h)));
  const auto context = must(tls_context::open(
      {s.a.key, {renewed}, must(trust_store::of({s.ours.root}))}, [] { return now; }));
  REQUIRE(b.port->admit(make_contact(a.port->contact().address, curve, context.get())));
  CHECK(eventually([&] {
    a.port->send(b.port->contact(), words("again"));
    return b.ear.size() >= 2;
  }));
}

TEST_CASE("who was refused for good is heard when it is admitted anew") {
  scene s;
  host a(s.a), b(s.careful);
  befriend(a, b);
  s.then = now + 25h;
  a.port->send(b.port->contact(), words("too late"));
  CHECK(eventually([&] { return b.dropped("expired") > 0; }));
  s.then = now;
  b.admit(a);
  CHECK(eventually([&] {
    a.port->send(b.port->contact(), words("again"));
    return b.ear.size() > 0;
  }));
  CHECK(a.dropped("no_route") > 0);
}

TEST_CASE("a node that starts again takes the place of what it was") {
  scene s;
  host b(s.careful);
  auto a = std::make_unique<host>(s.a);
  befriend(*a, b);
  const auto old = a->port->contact();
  a = std::make_unique<host>(s.a);
  befriend(*a, b);
  b.port->send(old, words("lost"));
  CHECK(b.dropped("not_admitted") == 1);
  b.port->send(a->port->contact(), words("hello"));
  CHECK(a->ear.has(1));
}

TEST_CASE("to claim another's key takes nothing from him") {
  scene s;
  const tls_node thief(s.ours, s.ours);
  host a(s.a), b(s.careful);
  befriend(a, b);
  REQUIRE(b.port->admit(make_contact("127.0.0.1:1", a.port->contact().curve, thief.context.get())));
  s.revoke(thief, s.ours);
  a.port->send(b.port->contact(), words("still here"));
  REQUIRE(b.ear.has(1));
  b.port->send(a.port->contact(), words("so I see"));
  CHECK(a.ear.has(1));
}

} // namespace
} // namespace dci::test
