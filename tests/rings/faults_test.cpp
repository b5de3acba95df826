// Processes that die or freeze in the middle of an answer.
#include <doctest/doctest.h>

#include <csignal>

#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// An answer that lasts until somebody ends it.
std::vector<std::string> endless(const std::vector<std::string>& more) {
  std::vector<std::string> out = {"generate",     "--prompt",     "In the beginning",
                                  "--ignore-end", "--max-tokens", "900000"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

/// Waits until tokens flow.
void under_way(program& ring) {
  REQUIRE_MESSAGE(ring.writes(100, 60s), ring.err());
}

/// Ended as a lost peer has to end it: in time, named, with nobody left.
void check_lost(program& ring, const std::vector<watched_process>& family,
                const std::vector<std::string>& words) {
  const auto out = ring.finish(20s);
  CAPTURE(out.err);
  MESSAGE("ended after " << out.seconds << " s");
  CHECK(out.code == 3);
  CHECK(out.seconds < 5);
  REQUIRE(out.complaints().size() == 1);
  for (const auto& word : words) {
    CAPTURE(word);
    CHECK(out.complaints()[0].find(word) != std::string::npos);
  }
  for (const auto& process : family)
    CHECK(process.ends_within(1s));
}

} // namespace

TEST_CASE("a killed or frozen stage ends the answer with exit code 3") {
  temp_dir dir;
  const auto model = endless_model(dir);
  for (const auto number : {SIGKILL, SIGSTOP})
    for (const std::size_t victim : {0, 1}) {
      CAPTURE(number);
      CAPTURE(victim);
      program ring(endless({"--model", model.string(), "--stages", "3", "--processes", "3"}));
      under_way(ring);
      const auto family = children_of(ring.id());
      REQUIRE(family.size() == 2);
      family[victim].signal(number);
      ring.mark();
      // Processes are started in the order of their stages.
      check_lost(ring, family,
                 {"session ", "stage " + std::to_string(victim + 2) + " of 3 (process" +
                                  std::to_string(victim + 2)});
    }
}

TEST_CASE("a frozen stage that thaws disturbs nobody") {
  temp_dir dir;
  const auto file = dir.write(
      "ring.toml", hosts_toml({"alpha", "beta"}) + "[[ring]]\nname = \"main\"\nmodel = \"" +
                       endless_model(dir).string() +
                       "\"\nstages = [{ host = \"alpha\", layers = [0, 3] }, { host = "
                       "\"beta\", layers = [3, 6] }]\n");
  program alpha({file.string(), "--host", "alpha"});
  program beta({file.string(), "--host", "beta"});
  {
    program ring(endless({"--topology", file.string(), "--attach"}));
    under_way(ring);
    beta.signal(SIGSTOP);
    ring.mark();
    check_lost(ring, {}, {"session ", "stage 2 of 2 (beta"});
  }
  beta.signal(SIGCONT);
  const auto again = run_program({"generate", "--prompt", "In the beginning", "--max-tokens", "8",
                                  "--topology", file.string(), "--attach", "--json"});
  CAPTURE(again.err);
  CHECK(again.code == 0);
  for (auto* host : {&alpha, &beta}) {
    host->signal(SIGTERM);
    const auto out = host->finish(5s);
    CAPTURE(out.err);
    CHECK(out.code == 0);
  }
}

TEST_CASE("the host of the ring itself may be lost too") {
  temp_dir dir;
  const auto file = dir.write(
      "ring.toml",
      hosts_toml({"alpha"}) + "[[ring]]\nname = \"main\"\nplacement = \"alpha\"\nmodel = \"" +
          endless_model(dir).string() + "\"\nstages = [{ host = \"alpha\", layers = [0, 6] }]\n");
  for (const auto number : {SIGKILL, SIGSTOP}) {
    CAPTURE(number);
    program ring(endless({"--topology", file.string()}));
    under_way(ring);
    const auto family = children_of(ring.id());
    REQUIRE(family.size() == 1);
    family[0].signal(number);
    ring.mark();
    check_lost(ring, family, {"session ", "ring is lost"});
  }
}

TEST_CASE("when its user kills the command, no process and no file is left") {
  temp_dir dir;
  const auto model = endless_model(dir);
  REQUIRE(setenv("TMPDIR", fs::path(dir.path() / "tmp").c_str(), 1) == 0);
  fs::create_directory(dir.path() / "tmp");
  for (const auto number : {SIGKILL, SIGINT, SIGTERM}) {
    CAPTURE(number);
    program ring(endless({"--model", model.string(), "--stages", "3", "--processes", "3"}));
    under_way(ring);
    const auto family = children_of(ring.id());
    REQUIRE(family.size() == 2);
    ring.signal(number);
    const auto out = ring.finish(5s);
    CHECK(out.code != 0);
    for (const auto& process : family)
      CHECK(process.ends_within(1s));
  }
  unsetenv("TMPDIR");
  CHECK(fs::is_empty(dir.path() / "tmp"));
}

TEST_CASE("when whoever reads the text goes away, the command ends") {
  temp_dir dir;
  program ring(
      endless({"--model", endless_model(dir).string(), "--stages", "2", "--processes", "2"}));
  under_way(ring);
  const auto family = children_of(ring.id());
  ring.stop_reading();
  ring.finish(5s);
  for (const auto& process : family)
    CHECK(process.ends_within(1s));
}

TEST_CASE("a host that dies before the ring stands ends the command") {
  temp_dir dir;
  // Its address is taken, so it cannot start.
  const auto hosts = hosts_toml({"alpha"});
  const auto file =
      dir.write("ring.toml", hosts + "[[ring]]\nname = \"main\"\nmodel = \"" + tiny_dir.string() +
                                 "\"\nstages = [{ host = \"alpha\", layers = [0, 6] }]\n");
  program holder({file.string(), "--host", "alpha"});
  REQUIRE(run_program({"generate", "--prompt", "a", "--max-tokens", "1", "--topology",
                       file.string(), "--attach", "--json"})
              .code == 0);
  const auto taken = run_program({file.string(), "--host", "alpha"});
  CHECK(taken.code == 3);
  REQUIRE(taken.complaints().size() == 1);
  CHECK(taken.complaints()[0].find(file.string() + ":1:1: ") != std::string::npos);
  CHECK(taken.complaints()[0].find("in use") != std::string::npos);
}

TEST_CASE("a launched topology ends when one of its hosts dies") {
  temp_dir dir;
  const auto file = dir.write("ring.toml", hosts_toml({"alpha", "beta"}));
  program all({file.string()});
  REQUIRE(all.says("2 hosts are running", 60s));
  const auto hosts = children_of(all.id());
  REQUIRE(hosts.size() == 2);
  hosts[1].signal(SIGKILL);
  all.mark();
  const auto out = all.finish(10s);
  CHECK(out.code == 3);
  CHECK(out.seconds < 5);
  REQUIRE(out.complaints().size() == 1);
  CHECK(out.complaints()[0].find("\"beta\"") != std::string::npos);
  CHECK(hosts[0].ends_within(1s));
}

TEST_CASE("a host that is not there is named, with what to do") {
  temp_dir dir;
  const auto file =
      dir.write("ring.toml", hosts_toml({"alpha"}) + "[[ring]]\nname = \"main\"\nmodel = \"" +
                                 tiny_dir.string() +
                                 "\"\nstages = [{ host = \"alpha\", layers = [0, 6] }]\n");
  const auto out =
      run_program({"generate", "--prompt", "a", "--topology", file.string(), "--attach"});
  CHECK(out.code == 3);
  REQUIRE(out.complaints().size() == 1);
  const auto line = out.complaints()[0];
  CHECK(line.find(file.string() + ":1:1: host \"alpha\" does not answer") != std::string::npos);
  CHECK(line.find("--host alpha") != std::string::npos);
}
