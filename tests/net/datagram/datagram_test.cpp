// Sealed datagrams, and which of them are new.
#include <doctest/doctest.h>

#include "net/datagram/datagram.hpp"
#include "net/datagram/replay_guard.hpp"

using namespace dci;

namespace {

const byte_vector payload{1, 2, 3};

byte_vector sealed(const node_key& from, const std::optional<node_id>& to) {
  return seal_datagram(from, to, datagram_channel::membership, 77, payload).value();
}

errc code_of(byte_view bytes, const node_id& self) {
  const auto opened = open_datagram(bytes, self);
  return opened ? errc::none : opened.error().code;
}

} // namespace

TEST_CASE("a datagram is opened by whom it is for") {
  const auto from = node_key::generate().value();
  const auto to = node_key::generate().value().id();
  const auto bytes = sealed(from, to);
  CHECK(bytes.size() == datagram_overhead + payload.size());
  const auto opened = open_datagram(bytes, to);
  REQUIRE(opened);
  CHECK(opened->sender == from.public_half());
  CHECK(opened->counter == 77);
  CHECK(byte_vector(opened->payload.begin(), opened->payload.end()) == payload);
  CHECK(code_of(bytes, from.id()) == errc::refused);
  // To whoever is at an address.
  CHECK(code_of(sealed(from, {}), to) == errc::none);
}

TEST_CASE("no byte of it can be changed, and none left out") {
  const auto from = node_key::generate().value();
  const auto to = node_key::generate().value().id();
  const auto bytes = sealed(from, to);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    auto changed = bytes;
    changed[i] ^= 1;
    CHECK(code_of(changed, to) != errc::none);
    CHECK(code_of(byte_view(bytes).first(i), to) != errc::none);
  }
  auto longer = bytes;
  longer.push_back(0);
  CHECK(code_of(longer, to) == errc::refused);
}

TEST_CASE("what is no datagram of ours is said to be none") {
  const auto from = node_key::generate().value();
  auto bytes = sealed(from, {});
  bytes[3] = 2;
  CHECK(open_datagram(bytes, {}).error().message == "a datagram of another version");
  bytes[3] = 1;
  bytes[4] = 99;
  CHECK(open_datagram(bytes, {}).error().message.find("channel") != std::string::npos);
  CHECK(open_datagram(byte_vector(2000, 'D'), {}).error().code == errc::bad_message);
  CHECK(!seal_datagram(from, {}, datagram_channel::membership, 1, byte_vector(1400)));
}

TEST_CASE("a datagram is new once, in whatever order they come") {
  replay_guard guard(2);
  node_id a, b, c;
  a.bytes[0] = 1, b.bytes[0] = 2, c.bytes[0] = 3;
  CHECK(guard.is_new(a, 100));
  CHECK(!guard.is_new(a, 100));
  CHECK(guard.is_new(a, 103));
  CHECK(guard.is_new(a, 101));
  CHECK(!guard.is_new(a, 101));
  CHECK(!guard.is_new(a, 100));
  CHECK(guard.is_new(a, 102));
  // Far ahead, then older than is remembered.
  CHECK(guard.is_new(a, 167));
  CHECK(!guard.is_new(a, 103));
  CHECK(!guard.is_new(a, 102));
  CHECK(guard.is_new(a, 104));
  CHECK(guard.is_new(a, 1000));
  CHECK(guard.is_new(a, 936));
  CHECK(!guard.is_new(a, 935));
  // Others have counters of their own; who was silent longest is forgotten.
  CHECK(guard.is_new(b, 1));
  CHECK(!guard.is_new(a, 1000));
  CHECK(guard.is_new(c, 1));
  CHECK(guard.senders() == 2);
  CHECK(guard.is_new(b, 1));
}
