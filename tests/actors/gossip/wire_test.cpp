// Gossip as bytes, with real signatures.
#include <doctest/doctest.h>

#include "actors/gossip/settings.hpp"
#include "actors/gossip/wire.hpp"
#include "actors/packed_size.hpp"
#include "net/datagram/datagram.hpp"

using namespace dci;

namespace {

node_report report_of(const node_key& key) {
  node_report out;
  out.node = key.id();
  out.version = 70'000;
  out.place = {{1, -2, 3.5f, 4}, 5, 0.25f};
  out.device = {1.5f, 4, 20, 8, 0, 2};
  out.policy = {false, 6};
  out.host = "127.0.0.1:4701";
  out.nearest = {{.peer = ~0ull, .round_trip_ms = 20}, {7, 0.5f, 100, 300, 80, true}};
  sign(key, out);
  return out;
}

} // namespace

TEST_CASE("every message comes back as it was, and is as long as was foretold") {
  const auto key = node_key::generate().value();
  const auto report = std::make_shared<const node_report>(report_of(key));
  const std::vector<report_name> names{{1, 2}, {1ull << 60, 70'000}};
  for (const gossip_message& message : std::initializer_list<gossip_message>{
           reports_offer{names}, reports_request{{}}, reports{{{report, 40'000}, {report, 0}}}}) {
    CAPTURE(message.index());
    const auto bytes = pack_gossip(message);
    CHECK(bytes.size() == packed_size(message));
    const auto read = unpack_gossip(bytes);
    REQUIRE(read);
    CHECK(pack_gossip(*read) == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(!unpack_gossip(std::span(bytes).first(size)));
  }
}

TEST_CASE("a report with as many links as it may have fits one datagram") {
  const auto key = node_key::generate().value();
  auto report = report_of(key);
  const gossip_settings settings;
  report.version = ~0u;
  report.host = std::string(64, 'a');
  report.nearest.assign(settings.most_links, {~0ull, 600'000, 1e6f, 65'535, 100, true});
  sign(key, report);
  const aged_report item{std::make_shared<const node_report>(report), ~0u};
  CHECK(packed_size(item) <= settings.datagram_bytes);
  CHECK(fits_datagram(pack_gossip(reports{{item}})));
}

TEST_CASE("whose a report is its key says") {
  const auto key = node_key::generate().value();
  const auto read = unpack_gossip(
      pack_gossip(reports{{{std::make_shared<const node_report>(report_of(key)), 0}}}));
  REQUIRE(read);
  const auto& report = *std::get<reports>(*read).items.at(0).report;
  CHECK(report.node == key.id());
  CHECK(report.host == "127.0.0.1:4701");
  CHECK(is_signed(report));
}

TEST_CASE("a report is its node's word only as that node signed it") {
  const auto key = node_key::generate().value(), other = node_key::generate().value();
  const auto signed_well = report_of(key);
  CHECK(is_signed(signed_well));
  const auto holds = [&](auto change) {
    auto r = signed_well;
    change(r);
    return is_signed(r);
  };
  CHECK(!holds([](auto& r) { ++r.version; }));
  CHECK(!holds([](auto& r) { r.place.height += 1; }));
  CHECK(!holds([](auto& r) { r.device.tflops_f32 += 1; }));
  CHECK(!holds([](auto& r) { r.nearest.pop_back(); }));
  CHECK(!holds([](auto& r) { r.nearest[0].round_trip_ms = 1; }));
  CHECK(!holds([](auto& r) { r.nearest[1].at_least = false; }));
  CHECK(!holds([&](auto& r) { r.node = other.id(); }));
  CHECK(!holds([&](auto& r) { sign(other, r); })); // another's key, our id
}
