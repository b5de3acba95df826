#include "tests/host/topology_support.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace dci::test;

namespace {

void check_round_trip(const topology& t) {
  const auto text = write_topology(t);
  CAPTURE(text);
  // From another folder: what is written does not depend on where it is read.
  const auto again = parse_topology(text, "other.toml", "/elsewhere", sample_checks());
  REQUIRE_MESSAGE(again.has_value(), again.error().message);
  CHECK(without_places(*again) == without_places(t));
  CHECK(write_topology(*again) == text);
}

} // namespace

TEST_CASE("a written file reads back the same") {
  const auto parsed = parse_sample(R"(
[[host]]
name = "alpha"
address = "[::1]:4701"
memory = "1.5GiB"
[[host]]
name = "beta"
address = "localhost:4702"
[[actor]]
type = "shard_executor"
name = "front"
placement = "alpha"
settings = { model = "tiny", layers = [0, 2] }
[[actor]]
type = "echo"
name = "odd"
[actor.settings]
"a key \"with\" everything\n" = [1, -2, 2.0, 1e300, true, "tab\t nul\u0000 del\u007f \\ €"]
empty = {}
none = []
deep = { b = { c = [{ d = 1 }, { e = "2" }] } }
[[ring]]
name = "explicit"
placement = "beta"
model = "tiny"
context = 7
stages = [{ actor = "front" }, { host = "beta", layers = [2, 6] }]
[[ring]]
name = "planned"
model = "/models/other"
step_timeout_ms = 250
engine = { backend = "torch", threads = 3, speculation = "draft", draft = "small" }
passes = 4
stages = "auto"
)");
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  check_round_trip(*parsed);
}

TEST_CASE("a topology made by a program can be handed to another process") {
  topology t;
  t.credentials = "/home/somebody/mine.toml";
  const address inside{"10.0.0.7", 4711}, frames{"10.0.0.7", 4721}, told{"192.0.2.7", 4731};
  t.hosts = {{"h0",
              {"192.0.2.7", 65535},
              std::uint64_t{1} << 60,
              false,
              "/etc/h0.toml",
              inside,
              frames,
              told,
              {}},
             {"h1", {"::1", 1}, {}, true, "/etc/h1.toml", {}, {}, {}, {}}};
  ring_spec ring;
  ring.name = "main";
  ring.model = "/models/with \"quotes\" and \\";
  ring.stages = {{"h0", {}, layer_span{0, 5}, "zmq", {}}, {"h1", {}, layer_span{5, 6}, {}, {}}};
  ring.transport = "caf";
  ring.link_wait_ms = 2500;
  t.rings = {ring};
  check_round_trip(t);

  ring.stages = {{"h0", {}, {}, {}, {}}, {"local", {}, {}, {}, {}}};
  t.rings = {ring};
  check_round_trip(t);
}

TEST_CASE("a strategy other than the usual one is written") {
  topology t;
  ring_spec ring;
  ring.name = "main";
  ring.model = "/models/tiny";
  ring.strategy = "layer_aware";
  ring.stages = {{"local", {}, {}, {}, {}}};
  t.rings = {ring};
  const auto again = parse_topology(write_topology(t), "f", "/", {});
  REQUIRE_MESSAGE(again.has_value(), again.error().message);
  CHECK(again->rings[0].strategy == "layer_aware");
}

TEST_CASE("nulls in settings are left out") {
  topology t;
  t.actors = {{"echo", "a", "local", json::parse(R"({"x": null, "y": {"z": null}, "w": 1})"), {}}};
  const auto again = parse_sample(write_topology(t));
  REQUIRE_MESSAGE(again.has_value(), again.error().message);
  CHECK(again->actors[0].settings == json::parse(R"({"y": {}, "w": 1})"));
}
