// The README's topology files, used as the README says.
#include <doctest/doctest.h>

#include <csignal>

#include "net/free_port.hpp"
#include "runtime/base/files.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

std::string project_file(const std::string& name) {
  const auto text = read_file(std::filesystem::path(DCI_SOURCE_DIR) / name, 1 << 20);
  REQUIRE(text);
  return *text;
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  for (; at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// The README's TOML behind these words, with ports that are free here in place of its own.
std::string readme_topology(const std::string& behind, const std::vector<std::string>& ports) {
  const auto text = project_file("README.md");
  const auto words = text.find(behind);
  REQUIRE(words != std::string::npos);
  const auto begin = text.find("```toml\n", words);
  REQUIRE(begin != std::string::npos);
  auto toml = text.substr(begin + 8, text.find("```", begin + 8) - begin - 8);
  const auto free = free_loopback_ports(ports.size()).value();
  for (std::size_t i = 0; i < ports.size(); ++i)
    replace_all(toml, ":" + ports[i] + "\"", ":" + std::to_string(free[i]) + "\"");
  return toml;
}

} // namespace

TEST_CASE("the README's topology file is checked and generates") {
  const temp_dir dir;
  auto toml = readme_topology("## A topology file of your own", {"4721", "4722"});
  replace_all(toml, "apps/assets/tiny", tiny_dir.string());
  const auto file = dir.write("ring.toml", toml);
  const auto checked = run_program({"check", file.string()});
  CHECK(checked.code == 0);
  const auto made = run_program({"generate", "--topology", file.string(), "--prompt",
                                 "In the beginning", "--max-tokens", "8"});
  CHECK(made.code == 0);
  CHECK(made.out.find("In the beginning") == 0);
  CHECK(made.out.find("3 stages: local [0, 2) | alpha [2, 4) | beta [4, 6)") != std::string::npos);
  const auto guessed =
      run_program({"generate", "--topology", file.string(), "--speculation", "prompt_lookup",
                   "--prompt", "In the beginning", "--max-tokens", "8"});
  CHECK(guessed.code == 0);
  CHECK(guessed.out.substr(0, guessed.out.find('[')) == made.out.substr(0, made.out.find('[')));
}

TEST_CASE("the README's network finds itself, and forms a ring") {
  const temp_dir dir;
  const auto toml = readme_topology("## Hosts that find one another", {"4731", "4732", "4733"});
  const auto at = toml.find("127.0.0.1:");
  const auto alpha = toml.substr(at, toml.find('"', at) - at);
  program hosts({dir.write("network.toml", toml).string()});
  const auto end = std::chrono::steady_clock::now() + 60s;
  const auto until = [&](const std::vector<std::string>& arguments, const std::string& name,
                         const std::string& words) {
    for (;;) {
      const auto said = run_program(arguments, {}, 60s, name);
      if (said.code == 0 && said.out.find(words) != std::string::npos)
        return;
      CAPTURE(said.out);
      CAPTURE(said.err);
      REQUIRE(std::chrono::steady_clock::now() < end);
    }
  };
  until({"map", alpha}, "dci-runtime", "3 nodes");
  auto script = project_file("docs/examples/near.lua");
  replace_all(script, "apps/assets/tiny", tiny_dir.string());
  until({dir.write("near.lua", script).string(), alpha}, "dci-console", "[40 tokens");
  hosts.signal(SIGTERM);
}
