// The README's first topology file, used as the README says.
#include <doctest/doctest.h>

#include "net/free_port.hpp"
#include "runtime/base/files.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

namespace {

/// The README's TOML, on ports that are free here and with absolute paths.
std::string readme_topology() {
  const auto text = dci::read_file(DCI_SOURCE_DIR "/README.md", 1 << 20);
  REQUIRE(text);
  const auto begin = text->find("```toml\n");
  REQUIRE(begin != std::string::npos);
  auto toml = text->substr(begin + 8, text->find("```", begin + 8) - begin - 8);
  const auto replace = [&](const std::string& what, const std::string& with) {
    const auto at = toml.find(what);
    REQUIRE(at != std::string::npos);
    toml.replace(at, what.size(), with);
  };
  const auto ports = dci::free_loopback_ports(2);
  REQUIRE(ports);
  replace("4721", std::to_string((*ports)[0]));
  replace("4722", std::to_string((*ports)[1]));
  replace("apps/assets/tiny", dci::test::tiny_dir.string());
  return toml;
}

} // namespace

TEST_CASE("the README's topology file is checked and generates") {
  const auto file =
      std::filesystem::temp_directory_path() / ("dci-readme-" + std::to_string(getpid()) + ".toml");
  REQUIRE(dci::write_file(file, readme_topology()));
  const auto checked = dci::test::run_program({"check", file.string()});
  CHECK(checked.code == 0);
  const auto made = dci::test::run_program({"generate", "--topology", file.string(), "--prompt",
                                            "In the beginning", "--max-tokens", "8"});
  CHECK(made.code == 0);
  CHECK(made.out.find("In the beginning") == 0);
  CHECK(made.out.find("3 stages: local [0, 2) | alpha [2, 4) | beta [4, 6)") != std::string::npos);
  const auto guessed = dci::test::run_program({"generate", "--topology", file.string(),
                                               "--speculation", "prompt_lookup", "--prompt",
                                               "In the beginning", "--max-tokens", "8"});
  CHECK(guessed.code == 0);
  CHECK(guessed.out.substr(0, guessed.out.find('[')) == made.out.substr(0, made.out.find('[')));
  std::filesystem::remove(file);
}
