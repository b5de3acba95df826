#include "actors/overlay/descriptor.hpp"

#include <doctest/doctest.h>

#include "actors/overlay/record_settings.hpp"

using namespace dci;

namespace {

node_descriptor longest() {
  node_descriptor out;
  out.address = out.host = out.frames = "192.168.100.100:47001";
  out.curve.fill(0xff);
  out.device = {1e6f, 1e6f, 1e6f, 1e7f, 1e6f, 0};
  out.policy = {true, 1e7f};
  return out;
}

const std::string model(64, 'a');

} // namespace

TEST_CASE("what a node says of itself comes back as it was") {
  auto said = longest();
  said.held = {{model, {0, 3}}, {model, {5, 6}}};
  const auto bytes = pack_descriptor(said);
  const auto read = unpack_descriptor(bytes);
  REQUIRE(read);
  CHECK(pack_descriptor(*read) == bytes);
  CHECK(read->held.at(1).layers == layer_span{5, 6});
  const auto held = unpack_holding(pack_holding({"127.0.0.1:1", {{0, 3}}}));
  REQUIRE(held);
  CHECK(held->host == "127.0.0.1:1");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(unpack_descriptor(byte_view(bytes).first(size)));
}

TEST_CASE("as much as it may say fits a record") {
  auto said = longest();
  model_holding held{said.host, {}};
  for (std::uint32_t i = 0; i < most_held; ++i)
    held.layers.push_back({70'000 + i, 80'000});
  CHECK(pack_holding(held).size() <= record_settings{}.most_value_bytes);
  while (said.held.size() < most_in_descriptor)
    said.held.push_back({model, {70'000, 80'000}});
  CHECK(pack_descriptor(said).size() <= record_settings{}.most_value_bytes);
}

TEST_CASE("what nobody can mean is refused by name") {
  const auto refused = [](auto change, const std::string& word) {
    auto said = longest();
    said.held = {{model, {0, 3}}};
    change(said);
    const auto read = unpack_descriptor(pack_descriptor(said));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::bad_message);
    CAPTURE(read.error().message);
    CHECK(read.error().message.find(word) != std::string::npos);
  };
  refused([](auto& d) { d.host = "nowhere"; }, "host");
  refused([](auto& d) { d.address = "1:2:3"; }, "address");
  refused([](auto& d) { d.frames = "x"; }, "frames");
  refused([](auto& d) { d.device.tier = 1; }, "a tier that its speed does not bear out");
  refused([](auto& d) { d.policy.memory_gb = -1; }, "an absurd memory");
  refused([](auto& d) { d.held[0].model = "llama"; }, "64 digits");
  refused([](auto& d) { d.held[0].layers = {3, 3}; }, "no range");
  refused([](auto& d) { d.held.resize(9, d.held[0]); }, "more than 8");
  CHECK_FALSE(unpack_holding(pack_holding({"127.0.0.1:1", {{2, 1}}})));
}
