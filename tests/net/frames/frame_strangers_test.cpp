// What else may connect to a frame port.
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/socket_address.hpp"
#include "tests/net/frames/frames_fixture.hpp"

namespace dci::test {
namespace {

// A port that knows one raw peer's key, and one of its friends.
struct scene {
  curve_pair key = must(curve_pair::generate());
  host port, good;

  scene() {
    REQUIRE(port.port->admit(make_contact("127.0.0.1:1", key.open, nullptr)));
    befriend(port, good);
  }
  // Others come through all the while.
  void check_undisturbed() {
    const auto before = port.ear.size();
    good.port->send(port.port->contact(), words("all well"));
    REQUIRE(port.ear.has(before + 1));
    CHECK(port.ear.last() == words("all well"));
  }
};

// TCP, as far as the test says.
descriptor connect_raw(const frame_contact& to) {
  const auto there = to_system(must(resolve(must(parse_address(to.address)))), false);
  descriptor out(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(connect(out.get(), there.get(), there.size) == 0);
  return out;
}

void write_raw(const descriptor& to, const byte_vector& bytes) {
  CHECK(send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(bytes.size()));
}

// Reads until the other side ends it, for 20 s at most.
bool is_closed(const descriptor& socket) {
  const timeval longest{20, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  while (true) {
    char bytes[256];
    const auto count = recv(socket.get(), bytes, sizeof(bytes), 0);
    if (count <= 0)
      return count == 0 || errno == ECONNRESET;
  }
}

// ZMTP 3.0, CURVE, as a client.
byte_vector greeting() {
  byte_vector out(64);
  out[0] = 0xff;
  out[9] = 0x7f;
  out[10] = 3;
  const std::string mechanism = "CURVE";
  std::ranges::copy(mechanism, out.begin() + 12);
  return out;
}

TEST_CASE("garbage, huge claims and half a greeting disturb nobody") {
  scene s;
  const auto& to = s.port.port->contact();
  const auto garbage = connect_raw(to), http = connect_raw(to), huge = connect_raw(to),
             half = connect_raw(to);
  byte_vector noise(4096);
  for (std::size_t i = 0; i < noise.size(); ++i)
    noise[i] = static_cast<std::uint8_t>(i * 2654435761u >> 9);
  write_raw(garbage, noise);
  const std::string get = "GET / HTTP/1.1\r\nHost: here\r\n\r\n" + std::string(100, 'x');
  write_raw(http, {get.begin(), get.end()});
  auto claim = greeting();
  // A long command of 4 GiB.
  claim.insert(claim.end(), {6, 0, 0, 0, 1, 0, 0, 0, 0, 'x'});
  write_raw(huge, claim);
  auto part = greeting();
  part.resize(20);
  write_raw(half, part);
  s.check_undisturbed();
  CHECK(is_closed(garbage));
  CHECK(is_closed(http));
  CHECK(is_closed(huge));
  CHECK(is_closed(half));
  s.check_undisturbed();
  CHECK(s.port.dropped("malformed") == 0);
}

TEST_CASE("a key that nobody admitted is not let in, and is counted") {
  scene s;
  const auto& to = s.port.port->contact();
  raw_peer stranger(must(curve_pair::generate()), to);
  const frame f = words("let me in");
  stranger.send({pack_preamble(f), f.header, f.payload});
  CHECK(eventually([&] { return s.port.dropped("not_admitted") > 0; }));
  s.check_undisturbed();
  CHECK(s.port.ear.size() == 1);
}

TEST_CASE("what is no frame is dropped and counted, though its sender is admitted") {
  scene s;
  raw_peer peer(s.key, s.port.port->contact());
  const frame f = words("fine");
  const auto preamble = pack_preamble(f);
  const auto comes = [&](const std::vector<byte_vector>& parts, const std::string& counted) {
    const auto before = s.port.dropped(counted);
    peer.send(parts);
    CHECK(eventually([&] { return s.port.dropped(counted) > before; }));
  };
  auto version = preamble;
  version[4] = 2;
  comes({version, f.header, f.payload}, "unknown_version");
  comes({preamble, f.header, f.payload, {}}, "malformed");
  comes({preamble, f.header}, "malformed");
  comes({preamble}, "malformed");
  comes(std::vector<byte_vector>(1000, preamble), "malformed");
  for (std::size_t size = 0; size < preamble.size(); ++size)
    comes({{preamble.begin(), preamble.begin() + static_cast<std::ptrdiff_t>(size)}, {}, {}},
          "malformed");
  comes({preamble, byte_vector(most_header_bytes + 1), {}}, "too_large");
  peer.send({preamble, f.header, f.payload});
  REQUIRE(s.port.ear.has(1));
  CHECK(s.port.ear.last() == f);
  s.check_undisturbed();
}

TEST_CASE("who sends more than any part may have is cut off") {
  scene s;
  raw_peer peer(s.key, s.port.port->contact());
  const auto preamble = pack_preamble(words("x"));
  peer.send({preamble, {}, byte_vector(most_payload_bytes + 1000)});
  peer.send({preamble, {}, {}});
  CHECK(s.port.ear.has(1)); // by its next connection
  CHECK(s.port.ear.last().payload.empty());
  CHECK(s.port.dropped("too_large") == 0); // ZeroMQ did not take it
  s.check_undisturbed();
}

TEST_CASE("who names his connection himself could take another's, and is not heard") {
  scene s;
  raw_peer peer(s.key, s.port.port->contact(), "other");
  const frame f = words("reply to me");
  peer.send({pack_preamble(f), f.header, f.payload});
  CHECK(eventually([&] { return s.port.dropped("malformed") == 1; }));
  CHECK(s.port.ear.size() == 0);
}

} // namespace
} // namespace dci::test
