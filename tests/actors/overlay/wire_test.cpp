// The overlay's messages as bytes, with real signatures.
#include <doctest/doctest.h>

#include "actors/overlay/settings.hpp"
#include "actors/overlay/wire.hpp"
#include "actors/packed_size.hpp"
#include "net/datagram/datagram.hpp"

using namespace dci;

namespace {

struct keyed {
  node_key key = node_key::generate().value();
  key_record_seal seal{key};

  contact where() const {
    contact out{key.id(), {}};
    out.where.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    out.where.port = 4801;
    return out;
  }
  overlay_record record(std::size_t bytes) const {
    overlay_record out;
    out.name.bytes[0] = 9;
    out.publisher = key.id();
    out.version = 1ull << 40;
    out.expires = 1'800'000'000;
    out.value.assign(bytes, 7);
    seal.sign(out);
    return out;
  }
  record_redirect redirect() const {
    record_redirect out;
    out.until.bytes[0] = 9;
    out.holder = where();
    out.issuer = key.id();
    out.expires = 1'800'000'000;
    seal.sign(out);
    return out;
  }
};

std::vector<overlay_message> one_of_each(const keyed& node) {
  const overlay_settings settings;
  const record_settings records;
  const auto here = node.where();
  const std::vector<contact> contacts(settings.successors, here);
  const auto record = std::make_shared<const overlay_record>(node.record(records.most_value_bytes));
  const std::vector<record_tag> tags(records.most_tags, {record->name, record->publisher, ~0ull});
  return {
      lookup_step{~0ull, 7, 3, true, here.id, here,
                  std::vector<node_id>(settings.most_silent, here.id)},
      lookup_taken{~0u},
      lookup_found{1, 2, {here}},
      neighbours_request{70'000, {800}},
      neighbours_reply{1, {here}, contacts},
      new_successor{1},
      leaving{{here}, contacts},
      are_you_there{2},
      i_am_here{300},
      known_request{1, {20}},
      known_reply{1, contacts},
      closest_request{1, true, here.id, std::vector<node_id>(settings.most_silent, here.id), {700}},
      closest_reply{1, {here}, contacts},
      store_request{1, record},
      store_reply{1, store_outcome::publisher_full},
      fetch_request{1, here.id, here.id, true, {records.room_bytes}},
      fetch_reply{1, {node.redirect()}, true, {record}},
      replicate{{record}},
      range_check{1, here.id, here.id, ~0ull},
      range_state{1, ~0ull},
      range_tags{1, here.id, here.id, tags, {4}},
      range_tags_reply{1, here.id, tags},
      records_request{1, {tags.front(), tags.back()}, {1000}},
      records_reply{1, {record}}};
}

} // namespace

TEST_CASE("every message comes back as it was, as long as foretold, and fits a datagram") {
  const keyed node;
  const auto all = one_of_each(node);
  CHECK(all.size() == std::variant_size_v<overlay_message>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(i);
    CHECK(all[i].index() == i);
    const auto bytes = pack_overlay(all[i]);
    CHECK(bytes.size() == packed_size(all[i]));
    CHECK(fits_datagram(bytes));
    const auto read = unpack_overlay(bytes);
    REQUIRE(read);
    CHECK(read->index() == i);
    CHECK(pack_overlay(*read) == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(!unpack_overlay(std::span(bytes).first(size)));
  }
}

TEST_CASE("a store's outcome that has no name is refused") {
  auto bytes = pack_overlay(store_reply{1, store_outcome::forged});
  REQUIRE(bytes.back() == static_cast<std::uint8_t>(store_outcome::forged));
  ++bytes.back();
  const auto read = unpack_overlay(bytes);
  REQUIRE(!read);
  CHECK(read.error().message.find("outcome") != std::string::npos);
}

TEST_CASE("a record is its publisher's word only as he signed it") {
  const keyed a, b;
  const auto signed_well = a.record(20);
  CHECK(b.seal.holds(signed_well));
  const auto holds = [&](auto change) {
    auto r = signed_well;
    change(r);
    return b.seal.holds(r);
  };
  CHECK(!holds([](auto& r) { ++r.name.bytes[5]; }));
  CHECK(!holds([](auto& r) { ++r.version; }));
  CHECK(!holds([](auto& r) { ++r.expires; }));
  CHECK(!holds([](auto& r) { r.value.push_back(0); }));
  CHECK(!holds([&](auto& r) { r.publisher = b.key.id(); }));
  CHECK(!holds([&](auto& r) { b.seal.sign(r); })); // another's key, our id
}

TEST_CASE("a redirect is its issuer's word only as he signed it") {
  const keyed a, b;
  const auto signed_well = a.redirect();
  CHECK(b.seal.holds(signed_well));
  const auto holds = [&](auto change) {
    auto r = signed_well;
    change(r);
    return b.seal.holds(r);
  };
  CHECK(!holds([](auto& r) { ++r.after.bytes[5]; }));
  CHECK(!holds([](auto& r) { ++r.until.bytes[5]; }));
  CHECK(!holds([](auto& r) { ++r.expires; }));
  CHECK(!holds([](auto& r) { ++r.holder.where.port; }));
  CHECK(!holds([&](auto& r) { r.issuer = b.key.id(); }));
}
