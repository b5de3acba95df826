#include "tests/host/topology_support.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace dci::test;

namespace {

std::string actor(const std::string& type, const std::string& name, const std::string& more = {}) {
  return "[[actor]]\ntype = \"" + type + "\"\nname = \"" + name + "\"\n" + more;
}

} // namespace

TEST_CASE("actor names and types") {
  check_fault(actor("echo", "a/b"), "3:1", {"actor name \"a/b\"", "letters"});
  check_fault(actor("echo", "a") + actor("echo", "a"), "6:1",
              {"\"a\" is already declared in line 3", "its own name"});
  check_fault(actor("", "a"), "2:1", {"type is empty", "shard_executor"});
  check_fault(actor("ecko", "a"), "2:1", {"\"ecko\"", "write echo"});
}

TEST_CASE("an actor's placement is a host of the file or local") {
  check_fault(actor("echo", "a", "placement = \"alpha\"\n"), "4:1",
              {"no host is called \"alpha\"", "\"local\"", "[[host]]"});
  const std::string host = "[[host]]\nname = \"alhpa\"\naddress = \"localhost:1\"\n";
  check_fault(host + actor("echo", "a", "placement = \"alpha\"\n"), "7:1",
              {"no host is called \"alpha\"", "\"alhpa\""});
}

TEST_CASE("an actor may be on every host of the file") {
  const std::string host = "[[host]]\nname = \"alpha\"\naddress = \"localhost:1\"\n";
  const auto parsed = parse_sample(host + actor("echo", "a", "placement = \"all\"\n"));
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  CHECK(is_placed_on(parsed->actors[0], "alpha"));
  CHECK(!is_placed_on(parsed->actors[0], local_placement));
  check_fault(actor("echo", "a", "placement = \"all\"\n"), "4:1", {"no hosts", "[[host]]"});
}

TEST_CASE("an actor's settings are checked by its type") {
  check_fault(actor("shard_executor", "a"), "1:1", {"\"model\" is missing"});
  check_fault(actor("shard_executor", "a", "[actor.settings]\nlayers = [0, 1]\n"), "4:8",
              {"settings: \"model\" is missing"});
  check_fault(actor("shard_executor", "a", "[actor.settings]\nmodel = 5\n"), "5:1",
              {"model: must be a string"});
  check_fault(actor("shard_executor", "a", "[actor.settings]\nmodel = \"m\"\nlayer = [0, 1]\n"),
              "6:1", {"unknown key \"layer\"", "\"layers\"?"});
  check_fault(
      actor("shard_executor", "a", "[actor.settings]\nmodel = \"m\"\nlayers = [0, \"one\"]\n"),
      "6:14", {"layers[1]: must be an integer, not a string"});
}

TEST_CASE("settings may be written inline or with dots, and nest") {
  const auto parsed =
      parse_sample(actor("echo", "a", "settings = { x = { y = [1, 2.5, \"z\"] } }\n") +
                   actor("echo", "b", "settings.x.y = true\n"));
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  CHECK(parsed->actors[0].settings == json::parse(R"({"x": {"y": [1, 2.5, "z"]}})"));
  CHECK(parsed->actors[1].settings == json::parse(R"({"x": {"y": true}})"));
}
