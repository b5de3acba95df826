// Frames between ports.
#include <atomic>
#include <thread>

#include <netinet/in.h>

#include "net/frames/subscribers.hpp"
#include "net/free_port.hpp"
#include "net/shaping/stream_relay.hpp"
#include "tests/net/frames/frames_fixture.hpp"

namespace dci::test {
namespace {

using steady = std::chrono::steady_clock;

struct scene {
  signer ours{"ours"};
  tls_node a{ours, ours}, b{ours, ours};
};

TEST_CASE("frames go both ways between hosts with credentials, and without") {
  scene s;
  const auto talk = [](host& a, host& b) {
    befriend(a, b);
    a.port->send(b.port->contact(), words("ping"));
    REQUIRE(b.ear.has(1));
    CHECK(b.ear.last() == words("ping"));
    CHECK(b.ear.last_route().peer.curve == a.port->contact().curve);
    b.port->send(a.port->contact(), words("pong"));
    REQUIRE(a.ear.has(1));
    CHECK(a.ear.last() == words("pong"));
    CHECK(a.port->dropped().empty());
    CHECK(b.port->dropped().empty());
  };
  {
    host a(s.a), b(s.b);
    talk(a, b);
  }
  host a, b;
  talk(a, b);
}

TEST_CASE("a reply goes back over a connection from whoever cannot be reached") {
  scene s;
  host a(s.a, "127.0.0.1:1"), b(s.b);
  CHECK(a.port->contact().address == "127.0.0.1:1");
  befriend(a, b);
  a.port->send(b.port->contact(), words("question"));
  REQUIRE(b.ear.has(1));
  const auto back = b.ear.last_route();
  b.port->reply(back, words("answer"));
  REQUIRE(a.ear.has(1));
  CHECK(a.ear.last() == words("answer"));
  CHECK(a.ear.last_route().peer.curve == b.port->contact().curve);
  // The same connection, the other way round.
  a.port->reply(a.ear.last_route(), words("thanks"));
  REQUIRE(b.ear.has(2));
  CHECK(b.ear.last() == words("thanks"));
  // It has gone.
  a.port.reset();
  CHECK(eventually([&] {
    b.port->reply(back, words("hello?"));
    return b.dropped("no_route") > 0;
  }));
}

TEST_CASE("large frames come whole and in order") {
  scene s;
  host a(s.a), b(s.b);
  befriend(a, b);
  for (std::uint8_t i = 0; i < 3; ++i) {
    frame large{"ear", "mouth", byte_vector(1 << 20, i), byte_vector(16 << 20)};
    for (std::size_t at = 0; at < large.payload.size(); ++at)
      large.payload[at] = static_cast<std::uint8_t>(at * 2654435761u >> 13) + i;
    a.port->send(b.port->contact(), large);
    REQUIRE(b.ear.has(i + 1u));
    CHECK((b.ear.last() == large));
  }
  a.port->send(b.port->contact(), {"ear", "mouth", byte_vector(most_header_bytes), {}});
  a.port->send(b.port->contact(), {"ear", "mouth", {}, byte_vector(most_payload_bytes)});
  REQUIRE(b.ear.has(5));
  CHECK(b.ear.last().payload.size() == most_payload_bytes);
  a.port->send(b.port->contact(), {"ear", "mouth", {}, byte_vector(most_payload_bytes + 1)});
  CHECK(a.dropped("too_large") == 1);
}

TEST_CASE("a frame without a name is not sent, and one for nobody is counted") {
  host a, b;
  befriend(a, b);
  a.port->send(b.port->contact(), {"", "mouth", {}, {}});
  a.port->send(b.port->contact(), {"ear", std::string(65, 'x'), {}, {}});
  CHECK(a.dropped("malformed") == 2);
  a.port->send(b.port->contact(), {"nobody", "mouth", {}, {}});
  a.port->send(b.port->contact(), words("last"));
  REQUIRE(b.ear.has(1));
  CHECK(b.dropped("no_such_actor") == 1);
}

TEST_CASE("who unsubscribes during traffic hears nothing afterwards") {
  host a, b;
  befriend(a, b);
  std::atomic<bool> ends = false, gone = false, late = false;
  std::atomic<int> heard = 0;
  std::thread talks([&] {
    while (!ends)
      a.port->send(b.port->contact(), {"brief", "mouth", {}, {}});
  });
  for (int i = 0; i < 20; ++i) {
    gone = false;
    heard = 0;
    auto held = std::make_shared<int>();
    const std::weak_ptr<int> watched = held;
    b.port->subscribe("brief", [&, held](const frame&, const frame_route&) {
      std::this_thread::yield();
      if (gone)
        late = true;
      ++heard;
    });
    CHECK(eventually([&] { return heard > 3; }));
    held.reset();
    b.port->unsubscribe("brief");
    gone = true;
    CHECK(watched.expired());
  }
  // Also from within.
  heard = 0;
  b.port->subscribe("brief", [&](const frame&, const frame_route&) {
    b.port->unsubscribe("brief");
    ++heard;
  });
  const auto before = b.dropped("no_such_actor");
  CHECK(eventually([&] { return heard > 0 && b.dropped("no_such_actor") > before; }));
  ends = true;
  talks.join();
  CHECK(heard == 1);
  CHECK_FALSE(late);
}

TEST_CASE(
    "frames to a host that comes later arrive; what does not fit is dropped, and nobody waits") {
  scene s;
  const auto where = "127.0.0.1:" + std::to_string(must(free_loopback_port()));
  host a(s.a);
  const auto key = must(curve_pair::generate());
  const auto absent = make_contact(where, key.open, s.b.context.get());
  REQUIRE(a.port->admit(absent));
  const auto begin = steady::now();
  for (int i = 0; i < 8; ++i)
    a.port->send(absent, {"ear", "mouth", {}, byte_vector(20 << 20)});
  CHECK(steady::now() - begin < 5s);
  CHECK(a.dropped("queue_full") == 4);
  host b(s.b);
  a.admit(b);
  b.admit(a);
  a.port->send(b.port->contact(), words("you there"));
  CHECK(b.ear.has(1));
}

TEST_CASE("what was sent before the other side has admitted its sender arrives") {
  host a, b;
  a.admit(b);
  a.port->send(b.port->contact(), words("early"));
  CHECK(eventually([&] { return b.dropped("not_admitted") > 0; }));
  CHECK(b.ear.size() == 0);
  b.admit(a);
  REQUIRE(b.ear.has(1));
  CHECK(b.ear.last() == words("early"));
}

TEST_CASE("a port closes at once, whatever its peers do") {
  const auto closes_soon = [](std::unique_ptr<frame_port>& port) {
    const auto begin = steady::now();
    port.reset();
    CHECK(steady::now() - begin < 2s);
  };
  host a;
  auto connected = std::make_unique<host>();
  befriend(a, *connected);
  a.port->send(connected->port->contact(), words("hello"));
  REQUIRE(connected->ear.has(1));
  // One that accepts and says nothing, as a frozen process does.
  const descriptor frozen(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(any);
  REQUIRE(bind(frozen.get(), reinterpret_cast<sockaddr*>(&any), size) == 0);
  REQUIRE(listen(frozen.get(), 4) == 0);
  REQUIRE(getsockname(frozen.get(), reinterpret_cast<sockaddr*>(&any), &size) == 0);
  const auto key = must(curve_pair::generate());
  for (const auto port : {must(free_loopback_port()), ntohs(any.sin_port)}) {
    const auto peer = make_contact("127.0.0.1:" + std::to_string(port), key.open, nullptr);
    REQUIRE(a.port->admit(peer));
    for (int i = 0; i < 10; ++i)
      a.port->send(peer, {"ear", "mouth", {}, byte_vector(1 << 20)});
  }
  connected->port->send(a.port->contact(), {"ear", "mouth", {}, byte_vector(32 << 20)});
  closes_soon(a.port);
  closes_soon(connected->port);
}

TEST_CASE("a port whose connected peer goes silent closes at once") {
  host a, b;
  const auto relay = must(stream_relay::start(
      {"127.0.0.1", 0}, must(parse_address(b.port->contact().address)), link_conditions{}));
  auto through = b.port->contact();
  through.address = to_string(relay->where());
  REQUIRE(a.port->admit(through));
  b.admit(a);
  a.port->send(through, words("hello"));
  REQUIRE(b.ear.has(1));
  REQUIRE(relay->set({.cut = true}));
  const auto begin = steady::now();
  for (int i = 0; i < 4; ++i) {
    a.port->send(through, {"ear", "mouth", {}, byte_vector(20 << 20)});
    b.port->reply(b.ear.last_route(), {"ear", "mouth", {}, byte_vector(20 << 20)});
  }
  a.port.reset();
  b.port.reset();
  CHECK(steady::now() - begin < 5s);
}

TEST_CASE("a port says why it cannot open") {
  const auto refusal = [](frame_port::settings with) {
    const auto port = frame_port::open(std::move(with));
    REQUIRE_FALSE(port);
    return port.error();
  };
  const auto open = refusal({"0.0.0.0:0", "", nullptr});
  CHECK(open.code == errc::unsupported);
  CHECK(open.message == "a frame port at 0.0.0.0:0 would be open to strangers: give its host "
                        "credentials, or listen on a loopback address");
  CHECK(refusal({"nonsense", "", nullptr}).code == errc::bad_config);
  CHECK(refusal({"127.0.0.1:0", "nonsense", nullptr}).code == errc::bad_config);
  host a;
  const auto taken = refusal({a.port->contact().address, "", nullptr});
  CHECK(taken.code == errc::unreachable);
  CHECK(has(taken.message, "Address already in use"));
}

TEST_CASE("a port listens on IPv6 and by name") {
  host a(frame_port::settings{"[::1]:0", "", nullptr});
  host b(frame_port::settings{"localhost:0", "", nullptr});
  CHECK(a.port->contact().address.starts_with("[::1]:"));
  befriend(a, b);
  a.port->send(b.port->contact(), words("ping"));
  REQUIRE(b.ear.has(1));
  b.port->send(a.port->contact(), words("pong"));
  CHECK(a.ear.has(1));
}

TEST_CASE("a port knows whether its connection to a peer stands") {
  host here;
  auto there = std::make_unique<host>();
  befriend(here, *there);
  const auto to = there->port->contact();
  CHECK_FALSE(here.port->is_connected(to));
  here.port->send(to, words("hello"));
  CHECK(eventually([&] { return here.port->is_connected(to); }));
  // Frames that come say nothing of a connection of the own.
  REQUIRE(there->ear.has(1));
  CHECK_FALSE(there->port->is_connected(here.port->contact()));
  there.reset();
  CHECK(eventually([&] { return !here.port->is_connected(to); }));
}

} // namespace
} // namespace dci::test
