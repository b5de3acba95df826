// dci-sim itself, as its user runs it.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/files.hpp"
#include "runtime/base/json_codec.hpp"

using namespace dci;

namespace {

struct ended {
  int exit_code = -1;
  std::string text; ///< of both outputs
};

ended run(const std::string& arguments, const std::string& environment = "") {
  ended out;
  const auto line = environment + DCI_BIN_DIR "/dci-sim " + arguments + " 2>&1";
  std::FILE* const pipe = ::popen(line.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> some{};
  while (const auto n = std::fread(some.data(), 1, some.size(), pipe))
    out.text.append(some.data(), n);
  out.exit_code = WEXITSTATUS(::pclose(pipe));
  return out;
}

std::vector<json> objects(const std::string& text) {
  std::vector<json> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    out.push_back(json::parse(line));
  return out;
}

} // namespace

TEST_CASE("every experiment prints a JSON object a report") {
  struct experiment {
    std::string arguments, figure;
    std::size_t reports;
  };
  for (const auto& [arguments, figure, reports] : {
           experiment{"chord --nodes 20 --lookups 50", "mean_hops", 2},
           experiment{"chord --strategy both --nodes 20 --lookups 50", "bytes_per_lookup", 3},
           experiment{"churn --nodes 20 --lookups 50 --minutes 1", "correct_after_retry", 2},
           experiment{"records --nodes 20 --values 10 --reads 50 --minutes 1", "read_at_first_try",
                      1},
           experiment{"membership --nodes 20 --minutes 2 --deaths 2", "median_detection_s", 1},
           experiment{"gossip --nodes 20 --minutes 1", "mean_age_s", 1},
           experiment{"coordinates --nodes 20", "median_relative_error", 1},
           experiment{"alpha-beta --nodes 20 --candidates 10 --rounds 3", "prefill_ms", 25},
           experiment{"conditions --nodes 20 --lookups 50", "tokens_per_s", 18},
           experiment{"ring --nodes 20 --candidates 10 --rounds 3", "ring_latency_ms", 3},
       }) {
    CAPTURE(arguments);
    const auto done = run(arguments + " --json --seed 3");
    CHECK(done.exit_code == 0);
    const auto printed = objects(done.text);
    REQUIRE(printed.size() == reports);
    for (const auto& one : printed) {
      CHECK(one.at("nodes") == 20);
      CHECK(one.at("seed") == 3);
      CHECK(one.at(figure).is_number());
    }
  }
}

TEST_CASE("without --json it prints what each figure means") {
  const auto done = run("coordinates --nodes 20");
  CHECK(done.exit_code == 0);
  CHECK(done.text.find("median_relative_error") != std::string::npos);
  CHECK(done.text.find("of all pairs") != std::string::npos);
}

TEST_CASE("with --plot it draws too") {
  const auto file =
      std::filesystem::temp_directory_path() / ("dci_sim_" + std::to_string(::getpid()) + ".svg");
  const auto done =
      run("ring --nodes 20 --candidates 10 --rounds 3 --json --plot " + file.string());
  CHECK(done.exit_code == 0);
  CHECK(objects(done.text).size() == 3);
  const auto drawn = read_file(file, 1 << 20);
  std::filesystem::remove(file);
  REQUIRE(drawn);
  CHECK(drawn->find("coordinates") != std::string::npos);
  // Without gnuplot in the path.
  const auto missing =
      run("ring --nodes 20 --candidates 10 --rounds 3 --plot " + file.string(), "PATH=/nowhere ");
  CHECK(missing.exit_code == 2);
  CHECK(missing.text.find("gnuplot-nox") != std::string::npos);
}

TEST_CASE("a run that fails ends with 1 and says what repeats it") {
  const auto done = run("gossip --nodes 5 --loss 1 --seed 9");
  CHECK(done.exit_code == 1);
  CHECK(done.text.find("--seed 9 repeats the run") != std::string::npos);
}

TEST_CASE("what cannot be simulated ends with 2 and says why") {
  struct mistake {
    std::string arguments, word;
  };
  for (const auto& [arguments, word] : {
           mistake{"chord --nodes 1", "from 2 to"},
           mistake{"chord --network torus", "torus"},
           mistake{"chord --strategy pastry", "--strategy"},
           mistake{"chord --rtt /nowhere/at.all", "/nowhere/at.all"},
           mistake{"chord --rtt " DCI_SOURCE_DIR "/README.md", "README.md: line 1"},
           mistake{"records --value-bytes 100000", "at most 640"},
           mistake{"membership --nodes 10 --deaths 9", "at most half"},
           mistake{"membership --loss 2", "--loss"},
           mistake{"ring --stages 9 --candidates 8", "9 stages"},
           mistake{"ring --rounds 0", "rounds"},
           mistake{"conditions --lookups 0", "at least one"},
           mistake{"conditions --latency -1", "latency_ms must be"},
           mistake{"chord --mbit 1e9", "mbit_per_s must be"},
           mistake{"alpha-beta --least-mbit -1", "least bandwidth"},
           mistake{"gossip --slices " DCI_SOURCE_DIR "/README.md", "end with its number"},
           mistake{"torus", "subcommand"},
           mistake{"", "subcommand"},
       }) {
    CAPTURE(arguments);
    const auto done = run(arguments);
    CHECK(done.exit_code == 2);
    CHECK(done.text.find(word) != std::string::npos);
  }
}
