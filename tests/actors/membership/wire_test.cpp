// Members' messages as bytes, with real signatures.
#include <doctest/doctest.h>

#include "actors/membership/wire.hpp"
#include "actors/packed_size.hpp"

using namespace dci;

namespace {

struct keyed {
  node_key key = node_key::generate().value();
  key_seal seal{key};

  contact where() const {
    contact out{key.id(), {}};
    out.where.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    out.where.port = 4801;
    return out;
  }
  presence present(std::uint32_t incarnation) const {
    presence out{where(), incarnation, false, {}, {}};
    seal.sign(out);
    return out;
  }
  suspicion accuses(const node_id& whom) const {
    suspicion out{whom, 5, key.id(), {}, {}};
    seal.sign(out);
    return out;
  }
};

std::vector<membership_message> one_of_each(const keyed& a, const keyed& b) {
  const auto here = std::make_shared<const presence>(a.present(300));
  const auto funeral =
      std::make_shared<const death>(death{{a.accuses(b.key.id()), a.accuses(b.key.id())}});
  const std::vector<news> tidings{here, a.accuses(b.key.id()), funeral};
  return {member_ping{7, 1ull << 60, tidings},
          member_ack{70'000, {}},
          ping_for_me{1, b.where()},
          member_news{tidings},
          members_request{b.key.id(), {1200}},
          members_request{b.key.id(), {3}},
          members_reply{std::vector<presence_ptr>(20, here)}};
}

} // namespace

TEST_CASE("every message comes back as it was, and is as long as was foretold") {
  const keyed a, b;
  for (const auto& message : one_of_each(a, b)) {
    CAPTURE(message.index());
    const auto bytes = pack_message(message);
    CHECK(bytes.size() == packed_size(message));
    const auto read = unpack_message(bytes);
    REQUIRE(read);
    CHECK(read->index() == message.index());
    CHECK(pack_message(*read) == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(!unpack_message(std::span(bytes).first(size)));
  }
}

TEST_CASE("a signature holds for what was signed, by whom and as what") {
  const keyed a, b;
  const auto p = a.present(1);
  CHECK(b.seal.holds(p));
  for (const auto change : {0, 1, 2, 3, 4}) {
    CAPTURE(change);
    auto other = p;
    if (change == 0)
      ++other.incarnation;
    else if (change == 1)
      other.leaves = true;
    else if (change == 2)
      ++other.node.where.port;
    else if (change == 3)
      other.node.id = b.key.id();
    else
      other.key = b.key.public_half();
    CHECK(!b.seal.holds(other));
  }
  const auto s = a.accuses(b.key.id());
  CHECK(b.seal.holds(s));
  auto moved = s;
  ++moved.incarnation;
  CHECK(!b.seal.holds(moved));
  // Another node's key and id do not make its word.
  auto stolen = s;
  stolen.accuser = b.key.id();
  CHECK(!a.seal.holds(stolen));
  stolen.key = b.key.public_half();
  CHECK(!a.seal.holds(stolen));
}
