// Frame ports whose hosts show newer certificates while they are connected.
#include <atomic>

#include "net/datagram/introduction.hpp"
#include "tests/net/frames/frames_fixture.hpp"

namespace dci::test {
namespace {

struct scene {
  signer ours{"ours"};
  std::atomic<wall_time> then = now;
  tls_node early{ours, ours, [this] { return then.load(); }};
  tls_node careful{ours, ours, [this] { return then.load(); }};

  certificate newer(const tls_node& of, wall_time made) const {
    return must(parse_certificate(ours.vouch(*of.key, made)));
  }
  void renew(const tls_node& who, wall_time made) const {
    REQUIRE(who.context->show({newer(who, made)}));
  }
};

TEST_CASE(
    "a peer that has shown its host newer certificates, by any way, is heard past the old end") {
  scene s;
  host a(s.early), b(s.careful);
  befriend(a, b);
  const auto renew = [&](const tls_node& who, const tls_node& shown_to, wall_time made) {
    s.renew(who, made);
    CHECK(shown_to.context->verify(who.context->shown()));
  };
  a.port->send(b.port->contact(), words("in time"));
  REQUIRE(b.ear.has(1));
  s.then = now + 16h;
  renew(s.early, s.careful, now + 16h);
  renew(s.careful, s.early, now + 16h);
  s.then = now + 25h;
  a.port->send(b.port->contact(), words("still"));
  REQUIRE(b.ear.has(2));
  b.port->reply(b.ear.last_route(), words("so I see"));
  REQUIRE(a.ear.has(1));
  b.port->send(a.port->contact(), words("me too"));
  REQUIRE(a.ear.has(2));
  CHECK(b.port->dropped().empty());
  CHECK(a.port->dropped().empty());
  // Whoever admits it anew gets a contact with those.
  CHECK(b.port->admit(a.port->contact()));
  // And to the end of these, unless it is renewed: also late.
  s.then = now + 41h;
  a.port->send(b.port->contact(), words("too late"));
  CHECK(eventually([&] { return b.dropped("expired") > 0 || a.dropped("expired") > 0; }));
  renew(s.early, s.careful, now + 41h);
  renew(s.careful, s.early, now + 41h);
  CHECK(eventually([&] {
    a.port->send(b.port->contact(), words("again"));
    return b.ear.size() > 2;
  }));
}

TEST_CASE("frame ports show one another newer certificates, once by each connection") {
  scene s;
  host a(s.early), b(s.careful);
  befriend(a, b);
  a.port->send(b.port->contact(), words("in time"));
  REQUIRE(b.ear.has(1));
  s.then = now + 16h;
  s.renew(s.early, now + 16h);
  s.renew(s.careful, now + 16h);
  // B has no connection of its own: it answers what comes.
  std::size_t said = 1;
  CHECK(eventually([&] {
    a.port->send(b.port->contact(), words("news?"));
    ++said;
    return s.early.context->renewals() > 0 && s.careful.context->renewals() > 0;
  }));
  s.then = now + 25h;
  a.port->send(b.port->contact(), words("still here"));
  ++said;
  REQUIRE(b.ear.has(said));
  b.port->reply(b.ear.last_route(), words("so I see"));
  REQUIRE(a.ear.has(1));
  CHECK(a.port->dropped().empty());
  CHECK(b.port->dropped().empty());
  CHECK(b.ear.size() == said); // the notices reach nobody
  CHECK(a.ear.size() == 1);
}

TEST_CASE("notices of certificates that are not the sender's, or none, are dropped by name") {
  scene s;
  host b(s.careful);
  const auto key = must(curve_pair::generate());
  REQUIRE(b.port->admit(make_contact("127.0.0.1:1", key.open, s.early.context.get())));
  raw_peer thief(key, b.port->contact());
  const auto sends = [&](byte_vector header) {
    const frame f{"+", "+", std::move(header), {}};
    thief.send({pack_preamble(f), f.header, f.payload});
  };
  const auto is_refused = [&](byte_vector header, const std::string& reason, std::uint64_t times) {
    sends(std::move(header));
    CHECK_MESSAGE(eventually([&] { return b.dropped(reason) == times; }), reason);
  };
  is_refused({0xc1}, "malformed", 1);
  is_refused(pack_introduction(certificates_wanted{}), "malformed", 2);
  const tls_node other(s.ours, s.ours);
  is_refused(pack_introduction(shown_certificates{{s.newer(other, now).der}}), "other_key", 1);
  const signer strangers("strangers");
  is_refused(pack_introduction(shown_certificates{{strangers.vouch(*s.early.key)}}),
             "unknown_authority", 1);
  is_refused(pack_introduction(shown_certificates{}), "no_certificate", 1);
  is_refused(byte_vector(2 * max_certificates * max_certificate_bytes + 1), "too_large", 1);
  CHECK(s.careful.context->renewals() == 0);
  // His own are fine; and he is heard as before.
  s.then = now + 1min;
  sends(pack_introduction(shown_certificates{{s.newer(s.early, now + 1min).der}}));
  const auto hello = words("hello");
  thief.send({pack_preamble(hello), hello.header, hello.payload});
  REQUIRE(b.ear.has(1));
  CHECK(s.careful.context->renewals() == 1);
}

} // namespace
} // namespace dci::test
