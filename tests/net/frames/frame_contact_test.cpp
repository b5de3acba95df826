#include "net/frames/frame_contact.hpp"
#include "net/wire/codec.hpp"
#include "tests/net/tls/tls_fixture.hpp"

namespace dci::test {
namespace {

curve_key some_key() {
  curve_key out{};
  out.fill(9);
  return out;
}

TEST_CASE("a contact is signed, all of it, and travels as msgpack and JSON") {
  const signer ours{"ours"};
  const tls_node node(ours, ours);
  const auto contact = make_contact("127.0.0.1:4701", some_key(), node.context.get());
  CHECK(is_signed_contact(contact));
  CHECK(contact.key == node.key->public_half());
  CHECK(contact.certificates == std::vector<byte_vector>{node.shown.der});
  CHECK(must(wire::unpack<frame_contact>(wire::pack(contact), "frame_contact")) == contact);
  frame_contact read;
  CHECK_FALSE(from_json_value(to_json_value(contact), read));
  CHECK(read == contact);

  const auto changed = [&](const auto& change) {
    auto out = contact;
    change(out);
    return out;
  };
  CHECK_FALSE(is_signed_contact(changed([](auto& c) { c.address = "127.0.0.1:4702"; })));
  CHECK_FALSE(is_signed_contact(changed([](auto& c) { c.curve[0] ^= 1; })));
  CHECK_FALSE(is_signed_contact(changed([](auto& c) { c.certificates.clear(); })));
  CHECK_FALSE(is_signed_contact(changed([](auto& c) { c.key[0] ^= 1; })));
  CHECK_FALSE(is_signed_contact(changed([](auto& c) { c.signature[0] ^= 1; })));
}

TEST_CASE("a host without credentials has a contact that nobody signed") {
  const auto contact = make_contact("127.0.0.1:4701", some_key(), nullptr);
  CHECK(contact.certificates.empty());
  CHECK(contact.key == public_key{});
  CHECK(contact.signature == key_signature{});
  CHECK_FALSE(is_signed_contact(contact));
}

} // namespace
} // namespace dci::test
