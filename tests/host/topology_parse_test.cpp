#include <cstdlib>
#include <filesystem>

#include "runtime/base/files.hpp"
#include "tests/host/topology_support.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace dci::test;

namespace {

const std::string mixed_ring = R"(# a ring over two hosts and this process
[[host]]
name = "alpha"
address = "127.0.0.1:4701"
memory = "8GiB"
[[host]]
name = "beta"
address = "[::1]:4702"
memory = 1024

[[actor]]
type = "shard_executor"
name = "front"
placement = "alpha"
[actor.settings]
model = "models/tiny"
layers = [0, 2]

[[actor]]
type = "echo"
name = "parrot"

[[ring]]
name = "main"
model = "models/tiny"
context = 512
step_timeout_ms = 5000
stages = [
  { actor = "front" },
  { host = "beta", layers = [2, 4] },
  { host = "local", layers = [4, 6] },
]
)";

} // namespace

TEST_CASE("a mixed local and remote ring is read as it is written") {
  const auto parsed = parse_sample(mixed_ring);
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  const auto& t = *parsed;
  CHECK(t.file == "ring.toml");

  REQUIRE(t.hosts.size() == 2);
  CHECK(t.hosts[0].name == "alpha");
  CHECK(t.hosts[0].address == address{"127.0.0.1", 4701});
  CHECK(t.hosts[0].memory == std::uint64_t{8} << 30);
  CHECK(t.hosts[1].address == address{"::1", 4702});
  CHECK(t.hosts[1].memory == 1024u);

  REQUIRE(t.actors.size() == 2);
  CHECK(t.actors[0].type == "shard_executor");
  CHECK(t.actors[0].placement == "alpha");
  CHECK(t.actors[0].settings == json{{"model", "/srv/models/tiny"}, {"layers", {0, 2}}});
  CHECK(t.actors[1].placement == "local");
  CHECK(t.actors[1].settings == json::object());

  REQUIRE(t.rings.size() == 1);
  const auto& ring = t.rings[0];
  CHECK(ring.placement == "local");
  CHECK(ring.model == "/srv/models/tiny");
  CHECK(ring.strategy == "ring_memory_weighted");
  CHECK(ring.context == 512u);
  CHECK(ring.step_timeout_ms == 5000u);
  CHECK_FALSE(ring.is_automatic());
  REQUIRE(ring.stages.size() == 3);
  CHECK(ring.stages[0].actor == "front");
  CHECK(ring.stages[0].layers == layer_span{0, 2});
  CHECK(ring.stages[1].host == "beta");
  CHECK(ring.stages[1].layers == layer_span{2, 4});
  CHECK(ring.stages[2].host == "local");
}

TEST_CASE("everything knows its place, and helpers find it") {
  const auto parsed = parse_sample(mixed_ring);
  REQUIRE(parsed.has_value());
  const auto& t = *parsed;
  CHECK(to_string(find_host(t, "beta")->place) == "ring.toml:6:1");
  CHECK(to_string(find_actor(t, "parrot")->place) == "ring.toml:19:1");
  CHECK(to_string(find_ring(t, "main")->place) == "ring.toml:23:1");
  CHECK(to_string(t.rings[0].stages[1].place) == "ring.toml:30:3");
  CHECK(find_host(t, "gamma") == nullptr);
  CHECK(find_actor(t, "main") == nullptr);
  CHECK(find_ring(t, "front") == nullptr);
  CHECK(host_of(t, t.rings[0].stages[0]) == "alpha");
  CHECK(host_of(t, t.rings[0].stages[1]) == "beta");
  CHECK(host_of(t, t.rings[0].stages[2]) == "local");

  const result lost = fail_at(t.hosts[0].place, errc::unreachable, "no answer; start it");
  CHECK(lost.error() == error{errc::unreachable, "ring.toml:2:1: no answer; start it"});
  CHECK(to_string(source_place{"a.toml"}) == "a.toml");
}

TEST_CASE("automatic layers, stage by stage or for every host") {
  const std::string hosts = "[[host]]\nname = \"alpha\"\naddress = \"localhost:4701\"\n"
                            "[[host]]\nname = \"beta\"\naddress = \"localhost:4702\"\n"
                            "[[ring]]\nname = \"main\"\nmodel = \"tiny\"\n";
  const auto all = parse_sample(hosts + "stages = \"auto\"\nstrategy = \"ring_memory_weighted\"\n");
  REQUIRE_MESSAGE(all.has_value(), all.error().message);
  REQUIRE(all->rings[0].stages.size() == 2);
  CHECK(all->rings[0].is_automatic());
  CHECK(all->rings[0].stages[0].host == "alpha");
  CHECK(all->rings[0].stages[1].host == "beta");
  CHECK(to_string(all->rings[0].stages[1].place) == "ring.toml:10:1");

  // More automatic stages than layers: the planner leaves some out.
  std::string many;
  for (int i = 0; i < 9; ++i)
    many += "{ host = \"local\", layers = \"auto\" },";
  const auto some = parse_sample(hosts + "stages = [" + many + "]\n");
  REQUIRE_MESSAGE(some.has_value(), some.error().message);
  CHECK(some->rings[0].stages.size() == 9);
  CHECK_FALSE(some->rings[0].stages[8].layers.has_value());
}

TEST_CASE("a file is read from its own folder") {
  auto folder = (std::filesystem::temp_directory_path() / "dci-topology-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const auto path = std::filesystem::path{folder} / "ring.toml";
  REQUIRE(write_file(path, mixed_ring).has_value());
  const auto loaded = load_topology(path, sample_checks());
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
  CHECK(loaded->file == path.string());
  CHECK(loaded->rings[0].model == std::filesystem::path{folder} / "models/tiny");

  REQUIRE(write_file(path, std::string(max_topology_bytes + 1, '#')).has_value());
  const auto huge = load_topology(path, sample_checks());
  REQUIRE_FALSE(huge.has_value());
  CHECK(exit_code(huge.error().code) == 2);
  CHECK(huge.error().message.find("1048577") != std::string::npos);

  std::filesystem::remove_all(folder);
  const auto missing = load_topology(path, sample_checks());
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == errc::bad_file);
  CHECK(missing.error().message.find(path.string()) == 0);
}

TEST_CASE("without checks of its own the reader accepts any type and model") {
  const auto parsed =
      parse_topology("[[actor]]\ntype = \"x\"\nname = \"a\"\n[[ring]]\nname = \"r\"\n"
                     "model = \"m\"\nstages = [{ host = \"local\", layers = [0, 9] "
                     "}]\n",
                     "f", "/", {});
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  CHECK(parsed->rings[0].model == "/m");
}

TEST_CASE("a file named without a folder has its paths in the working directory") {
  const auto parsed = parse_topology("[[ring]]\nname = \"r\"\nmodel = \"m/../tiny\"\n"
                                     "stages = [{ host = \"local\", layers = \"auto\" }]\n",
                                     "ring.toml", "", sample_checks());
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  CHECK(parsed->rings[0].model == std::filesystem::current_path() / "tiny");
}
