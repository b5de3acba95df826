// Faults of the text itself, before anything it says is looked at.
#include "tests/host/topology_support.hpp"

#include <doctest/doctest.h>

using namespace dci;
using namespace dci::test;

namespace {

std::string repeated(const std::string& what, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += what;
  return out;
}

} // namespace

TEST_CASE("broken TOML is placed where the parser stopped") {
  check_fault("[[host]]\nname = \"alpha\n", "2:14", {"not valid TOML", "correct the text"});
  check_fault("[[host]]\nname =\n", "2:7", {"not valid TOML"});
  check_fault("[[host]]\nname = \"a\"\nname = \"b\"\n", "3:8", {"redefine", "name"});
  check_fault("[host", "1:6", {"not valid TOML"});
  check_fault("a = \"\xff\"", "1:5", {"utf-8"});
  check_fault(std::string{"a = 1\0", 6}, "1:6", {"not valid TOML"});
}

TEST_CASE("columns count characters, not bytes") {
  check_fault("\"h\xc3\xb6st\" = 1 2", "1:12", {"not valid TOML"});
  check_fault("x = [\"\xe2\x82\xac\", " + repeated("[", 40), "1:42", {"32"});
}

TEST_CASE("nesting without end is refused before it is parsed") {
  check_fault(repeated("a.", 300000) + "a = 1", "1:66", {"more than 32 deep", "fewer"});
  check_fault("\n[" + repeated("a.", 300000) + "a]", "2:67", {"more than 32 deep"});
  check_fault("a = " + repeated("[", 100), "1:37", {"more than 32 deep"});
  check_fault("a = " + repeated("{ b = ", 100), "1:197", {"more than 32 deep"});
}

TEST_CASE("dots and brackets in strings and comments are no nesting") {
  const auto dots = repeated(".", 99) + repeated("[", 99);
  const auto actor = [](const std::string& value) {
    return parse_sample("[[actor]]\ntype = \"echo\"\nname = \"a\"\nsettings.x = " + value + "\n");
  };
  for (const auto& value :
       {"\"" + dots + "\\\"" + dots + "\"", "'" + dots + "\\'", "1 # \"" + dots,
        "\"\"\"\n" + dots + "\\\"\"\" \"\" " + dots + "\"\"\"\"\"",
        "'''\n" + dots + "' ''" + dots + "'''''", std::string{"[\"\", '', 1.5, 2.5]"},
        "['\\', '" + dots + "']", "[\"\"\"x\"\"\"\", \"" + dots + "\"]"}) {
    const auto parsed = actor(value);
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
    CHECK(parsed->actors[0].settings.contains("x"));
  }
  // And what follows a string counts again.
  CHECK_FALSE(actor("\"\"\"x\"\"\"\ny" + repeated(".y", 40) + " = 1").has_value());
  CHECK_FALSE(actor("'x'\ny" + repeated(".y", 40) + " = 1").has_value());
}

TEST_CASE("values TOML has and a topology has not") {
  const std::string actor = "[[actor]]\ntype = \"echo\"\nname = \"a\"\n";
  check_fault(actor + "settings.since = 1979-05-27\n", "4:18", {"dates", "quotes"});
  check_fault(actor + "settings.x = [1.5, nan]\n", "4:20", {"finite"});
  check_fault(actor + "settings.x = -inf\n", "4:14", {"finite"});
}

TEST_CASE("a file that is too large or says nothing") {
  check_fault("", "1:1", {"describes nothing", "[[host]]"});
  check_fault("# only a comment\n", "1:1", {"describes nothing"});
  check_fault("host = []\n", "1:1", {"describes nothing"});
  const auto huge = parse_sample(std::string(max_topology_bytes + 1, '#'));
  REQUIRE_FALSE(huge.has_value());
  CHECK(huge.error().code == errc::bad_topology);
  CHECK(huge.error().message ==
        "ring.toml: 1048577 bytes, more than the limit of 1048576; split it into several files");
}

TEST_CASE("unknown keys, with what was probably meant") {
  check_fault("[[hosts]]\nname = \"a\"\n", "1:3", {"unknown key \"hosts\"", "\"host\"?"});
  check_fault("[[host]]\nname = \"a\"\naddress = \"localhost:1\"\nmemroy = \"1GiB\"\n", "4:1",
              {"unknown key \"memroy\"", "\"memory\"?"});
  check_fault("[[actor]]\ntype = \"echo\"\nname = \"a\"\nplacment = \"local\"\n", "4:1",
              {"\"placement\"?"});
  check_fault("[[ring]]\nname = \"r\"\nmodel = \"m\"\nstages = []\n\"con/text\" = 1\n", "5:1",
              {"unknown key \"con/text\"", "context"});
  check_fault("[[ring]]\nname = \"r\"\nmodel = \"m\"\nstages = [\n  { hots = \"local\" },\n]\n",
              "5:5", {"unknown key \"hots\"", "\"host\"?"});
}

TEST_CASE("values of the wrong kind") {
  check_fault("[[host]]\nname = 7\naddress = \"localhost:1\"\n", "2:1",
              {"name: must be a string, not an integer"});
  check_fault("[[host]]\nname = \"a\"\naddress = [\"localhost\", 1]\n", "3:1",
              {"address: must be a string, not a list"});
  check_fault("[host]\nname = \"a\"\n", "1:2", {"host: must be a list", "[[host]]"});
  check_fault("host = [1]\n", "1:9", {"host[0]: must be a table, not an integer"});
  check_fault("[[actor]]\ntype = \"echo\"\nname = \"a\"\nsettings = 3\n", "4:1",
              {"settings: must be a table", "[actor.settings]"});
  check_fault("[[ring]]\nname = \"r\"\nmodel = \"m\"\nstages = []\ncontext = -1\n", "5:1",
              {"context: -1 is out of range"});
}

TEST_CASE("missing keys have the place of their table") {
  check_fault("[[host]]\naddress = \"localhost:1\"\n", "1:1", {"\"name\" is missing", "name = "});
  check_fault("[[host]]\nname = \"a\"\n", "1:1", {"\"address\" is missing", "127.0.0.1:"});
  check_fault("\n[[actor]]\nname = \"a\"\n", "2:1", {"\"type\" is missing", "type = "});
  check_fault("\n[[actor]]\ntype = \"echo\"\n", "2:1", {"\"name\" is missing"});
  check_fault("[[ring]]\nname = \"r\"\nstages = []\n", "1:1", {"\"model\" is missing", "model = "});
  check_fault("[[ring]]\nname = \"r\"\nmodel = \"m\"\n", "1:1", {"\"stages\" is missing", "auto"});
}

TEST_CASE("a message stays one line of bounded length, whatever it quotes") {
  check_fault("\"a\\n\\u001b[31mb\" = 1", "1:1", {"unknown key"});
  const auto parsed = parse_sample(repeated("\xe2\x82\xac", 10) + "x = 1");
  CHECK_FALSE(parsed.has_value());
  const auto name = repeated("\xe2\x82\xac", 1000);
  const auto long_name =
      parse_sample("[[host]]\nname = \"" + name + "\"\naddress = \"localhost:1\"\n");
  REQUIRE_FALSE(long_name.has_value());
  CHECK(long_name.error().message.size() < 300);
  const auto long_key = parse_sample("\"" + name + "\" = 1");
  REQUIRE_FALSE(long_key.has_value());
  CHECK(long_key.error().message.size() < 600);
  // Cut between characters, so that it can be shown as UTF-8.
  CHECK_NOTHROW(json(long_key.error().message).dump());
  CHECK_NOTHROW(json(long_name.error().message).dump());
}
