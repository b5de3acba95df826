#include "tests/host/topology_support.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace dci::test;

namespace {

// Lines 1 to 3, 4 to 9 and 10 to 12.
const std::string declarations = R"([[host]]
name = "alpha"
address = "127.0.0.1:4701"
[[actor]]
type = "shard_executor"
name = "front"
[actor.settings]
model = "tiny"
layers = [0, 2]
[[actor]]
type = "echo"
name = "parrot"
)";

/// The ring's name is in line 14, its model in line 15, more from line 16 on.
std::string ring(const std::string& more, const std::string& model = "tiny") {
  return declarations + "[[ring]]\nname = \"main\"\nmodel = \"" + model + "\"\n" + more;
}

/// The list starts in line 16, its first stage in line 17.
std::string stages(const std::string& lines) {
  return ring("stages = [\n" + lines + "]\n");
}

std::string on_host(const std::string& layers) {
  return "  { host = \"alpha\", layers = " + layers + " },\n";
}

const std::string by_actor = "  { actor = \"front\" },\n";

} // namespace

TEST_CASE("ring names, placements and models") {
  const std::string rest = "model = \"m\"\nstages = \"auto\"\n";
  check_fault(declarations + "[[ring]]\nname = \"a b\"\n" + rest, "14:1", {"ring name \"a b\""});
  check_fault(declarations + "[[ring]]\nname = \"front\"\n" + rest, "14:1",
              {"\"front\" is already declared in line 4", "its own name"});
  check_fault(ring("stages = \"auto\"\n") + "[[ring]]\nname = \"main\"\n" + rest, "18:1",
              {"\"main\" is already declared in line 13"});
  check_fault(ring("placement = \"beta\"\nstages = \"auto\"\n"), "16:1",
              {"no host is called \"beta\"", "\"alpha\""});
  check_fault(ring("stages = \"auto\"\n", ""), "15:1", {"model: \"\" is no path", "folder"});
  check_fault(ring("stages = \"auto\"\n", "a\\u0000b"), "15:1", {"is no path"});
  check_fault(ring("stages = \"auto\"\n", "broken"), "15:1",
              {"model: /srv/broken/config.json: no such file", "correct the path"});
}

TEST_CASE("a ring's options") {
  check_fault(ring("stages = \"auto\"\ncontext = 0\n"), "17:1", {"context is 0", "leave it out"});
  check_fault(ring("stages = \"auto\"\nstep_timeout_ms = 0\n"), "17:1", {"step_timeout_ms is 0"});
  check_fault(ring("stages = \"auto\"\nlink_wait_ms = 0\n"), "17:1", {"link_wait_ms is 0"});
  check_fault(ring("stages = \"auto\"\ntransport = \"tcp\"\n"), "17:1",
              {"no transport is called \"tcp\"", "\"zmq\""});
  check_fault(ring("stages = \"auto\"\npasses = 0\n"), "17:1", {"passes is 0"});
  check_fault(ring("stages = \"auto\"\nengine = { backend = \"fast\" }\n"), "17:12",
              {"no back end \"fast\"", "native and torch"});
  check_fault(ring("stages = \"auto\"\ncontext = 5000000000\n"), "17:1", {"out of range"});
  check_fault(ring("stages = \"auto\"\nstrategy = \"best\"\n"), "17:1",
              {"no strategy is called \"best\"", "\"ring_memory_weighted\""});
  check_fault(ring("strategy = \"ring_memory_weighted\"\nstages = [\n" + on_host("[0, 6]") + "]\n"),
              "16:1", {"automatic layers", "remove it"});
}

TEST_CASE("the list of stages") {
  check_fault(ring("stages = []\n"), "16:1", {"needs a stage"});
  check_fault(ring("stages = \"all\"\n"), "16:1",
              {"a list of stages, or \"auto\"", "not a string"});
  check_fault(ring("stages = 3\n"), "16:1", {"stages: must be a list of stages"});
  check_fault("[[ring]]\nname = \"r\"\nmodel = \"m\"\nstages = \"auto\"\n", "4:1",
              {"every host of the file", "add a [[host]]"});
}

TEST_CASE("where a stage runs") {
  check_fault(stages("  { layers = [0, 6] },\n"), "17:3", {"names where it runs", "host = "});
  check_fault(stages("  { host = \"alpha\", actor = \"front\" },\n"), "17:3",
              {"not both", "remove"});
  check_fault(stages(by_actor + "  { host = \"beta\", layers = [2, 6] },\n"), "18:5",
              {"no host is called \"beta\"", "\"local\", \"alpha\""});
  check_fault(stages("  { actor = \"back\" },\n"), "17:5",
              {"no actor is called \"back\"", "\"front\""});
  check_fault(stages("  { actor = \"parrot\" },\n"), "17:5",
              {"\"parrot\" is a \"echo\"", "must be a shard_executor"});
}

TEST_CASE("an actor as a stage") {
  check_fault(stages("  { actor = \"front\", layers = [0, 2] },\n"), "17:22",
              {"stand in its settings", "remove them"});
  check_fault(ring("stages = [\n" + by_actor + "]\n", "other"), "17:5",
              {"runs another model than ring \"main\"", "same model"});
  const std::string actor = "[[actor]]\ntype = \"shard_executor\"\nname = \"x\"\n";
  const std::string uses_it =
      "[[ring]]\nname = \"r\"\nmodel = \"m\"\nstages = [{ actor = \"x\" }]\n";
  check_fault("[[host]]\nname = \"h\"\naddress = \"localhost:1\"\n" + actor +
                  "placement = \"all\"\nsettings.model = \"m\"\n" + uses_it,
              "12:13", {"actor \"x\" runs on every host", "a host's name"});
  check_fault(actor + "settings.model = \"m\"\n" + uses_it, "8:13",
              {"actor \"x\" (line 1) has no layers", "add layers"});
  check_fault(actor + "settings = { model = \"m\", layers = [4, 2] }\n" + uses_it, "8:13",
              {"[4, 2] are reversed", "write [2, 4]"});
}

TEST_CASE("one actor is one stage of one ring") {
  check_fault(stages(by_actor + by_actor), "18:5",
              {"\"front\" is already a stage of ring \"main\"", "each stage"});
  check_fault(
      stages(by_actor + on_host("[2, 6]")) +
          "[[ring]]\nname = \"second\"\nmodel = \"tiny\"\nstages = [{ actor = \"front\" }]\n",
      "23:13", {"\"front\" is already a stage of ring \"main\""});
}

TEST_CASE("a stage's own layers") {
  check_fault(stages("  { host = \"alpha\" },\n"), "17:3", {"no layers", "\"auto\""});
  check_fault(stages(on_host("\"all\"")), "17:21", {"two integers [first, last], or \"auto\""});
  check_fault(stages(on_host("[0, 2, 4]")), "17:21", {"layers: must be two integers"});
  check_fault(stages(on_host("[0, 1.5]")), "17:34", {"layers[1]: must be an integer"});
  check_fault(stages(on_host("[-1, 2]")), "17:31", {"-1 is out of range"});
  check_fault(stages(on_host("[4, 2]")), "17:21", {"[4, 2] are reversed", "write [2, 4]"});
  check_fault(stages(on_host("[2, 2]")), "17:21",
              {"[2, 2] are none at all", "leave the stage out"});
}

TEST_CASE("layers are given by all stages or by none") {
  check_fault(stages(on_host("[0, 2]") + on_host("\"auto\"")), "18:3",
              {"some stages have automatic layers", "all of them \"auto\""});
  check_fault(stages(by_actor + on_host("\"auto\"")), "18:3", {"some stages have automatic"});
}

TEST_CASE("stages together hold every layer once, in order") {
  check_fault(stages(on_host("[1, 6]")), "17:21", {"begins with layer 0", "start it at layer 0"});
  check_fault(stages(on_host("[0, 3]") + on_host("[2, 6]")), "18:21",
              {"stage 2 has layers [2, 6]", "overlap", "start it at layer 3"});
  check_fault(stages(on_host("[0, 2]") + on_host("[4, 6]")), "18:21",
              {"layers [2, 4] before it are missing", "start it at layer 2"});
  check_fault(stages(on_host("[0, 2]") + on_host("[2, 4]")), "18:3",
              {"end at layer 4", "has 6 layers", "end the last stage at 6"});
  check_fault(stages(on_host("[0, 2]") + on_host("[2, 8]")), "18:21",
              {"stage 2 has layers [2, 8]", "only 6 layers", "end it at 6"});
  check_fault(stages(on_host("[0, 1]") + by_actor), "18:5",
              {"stage 2 has layers [0, 2] (of actor \"front\")", "overlap"});
  CHECK(parse_sample(stages(by_actor + on_host("[2, 3]") + on_host("[3, 6]"))).has_value());
}
