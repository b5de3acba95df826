// Text from rings of every make: of one process, of several, from a topology file, of hosts that
// run already.
#include <doctest/doctest.h>

#include <csignal>

#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::string prompt = "In the beginning";

std::vector<std::string> generate(const std::vector<std::string>& more) {
  std::vector<std::string> out = {"generate", "--prompt", prompt, "--max-tokens", "24", "--json"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

/// The report of a generation that must succeed.
nlohmann::json report(const std::vector<std::string>& more) {
  const auto out = run_program(generate(more));
  CAPTURE(out.err);
  CHECK(out.code == 0);
  CHECK(out.complaints().empty());
  auto report = nlohmann::json::parse(out.out, nullptr, false);
  REQUIRE(report.is_object());
  return report;
}

/// What one process says: 24 tokens.
const nlohmann::json& wanted() {
  static const auto made = report({"--model", tiny_dir.string()})["tokens"];
  return made;
}

/// "HOST [0, 2) | ..."
std::string places(const nlohmann::json& report) {
  std::string out;
  for (const auto& stage : report["stages"])
    out += (out.empty() ? "" : " | ") + stage["host"].get<std::string>() + " " +
           stage["layers"].dump();
  return out;
}

std::string ring_toml(const std::string& rest, const fs::path& model = tiny_dir) {
  return "[[ring]]\nname = \"main\"\nmodel = \"" + model.string() + "\"\n" + rest;
}

/// A host of a topology file as its own process, as its user would start it.
struct part : program {
  part(const fs::path& file, const std::string& host) : program({file.string(), "--host", host}) {
  }
  /// As Ctrl-C does it.
  void end() {
    signal(SIGINT);
    const auto out = finish(5s);
    CAPTURE(out.err);
    CHECK(out.code == 0);
  }
};

} // namespace

TEST_CASE("stages and processes make no difference to the text") {
  CHECK(wanted().size() == 24);
  const auto one = report({"--model", tiny_dir.string()});
  CHECK(one["finish"] == "length");
  CHECK(one["prompt_tokens"] > 0);
  CHECK(one["tokens_per_s"] > 0);
  CHECK(one["first_token_ms"] > 0);
  for (const auto* processes : {"1", "2", "3"}) {
    const auto ring =
        report({"--model", tiny_dir.string(), "--stages", "3", "--processes", processes});
    CHECK(ring["tokens"] == wanted());
    CHECK(ring["text"] == one["text"]);
    CHECK(ring["stages"].size() == 3);
  }
}

TEST_CASE("both back ends find the same tokens") {
  for (const auto* backend : {"native", "torch"}) {
    const auto ring = report({"--model", tiny_dir.string(), "--stages", "2", "--processes", "2",
                              "--backend", backend, "--threads", "1"});
    CHECK(ring["tokens"] == wanted());
  }
  const auto out = run_program(
      {"generate", "--model", tiny_dir.string(), "--prompt", prompt, "--backend", "fast"});
  CHECK(out.code == 2);
  CHECK(out.err.find("there is no back end \"fast\": native and torch are there") !=
        std::string::npos);
}

TEST_CASE("text is streamed behind its prompt, then one line sums up") {
  const auto out = run_program({"generate", "--model", tiny_dir.string(), "--prompt", prompt,
                                "--max-tokens", "24", "--stages", "2", "--processes", "2"});
  CHECK(out.code == 0);
  const auto text = report({"--model", tiny_dir.string()})["text"].get<std::string>();
  CHECK(out.out.find(prompt + text + "\n[2 stages: local [0, 3) | process2 [3, 6); 24 tokens, ") ==
        0);
  CHECK(out.out.find("ended by length]\n") != std::string::npos);
}

TEST_CASE("a seed fixes what is drawn, wherever the ring is cut") {
  const std::vector<std::string> sampled = {"--model",
                                            tiny_dir.string(),
                                            "--temperature",
                                            "0.9",
                                            "--top-k",
                                            "50",
                                            "--top-p",
                                            "0.95",
                                            "--min-p",
                                            "0.01",
                                            "--repetition-penalty",
                                            "1.1"};
  const auto drawn = [&](const std::string& seed, const std::string& stages,
                         const std::string& processes) {
    auto flags = sampled;
    for (const auto& flag : {std::string("--seed"), seed, std::string("--stages"), stages,
                             std::string("--processes"), processes})
      flags.push_back(flag);
    return report(flags)["tokens"];
  };
  const auto one = drawn("1", "1", "1");
  CHECK(one != wanted());
  CHECK(drawn("1", "3", "3") == one);
  CHECK(drawn("2", "1", "1") != one);
}

TEST_CASE("a stop string ends the text before it") {
  const auto whole = report({"--model", tiny_dir.string()})["text"].get<std::string>();
  REQUIRE(whole.size() > 12);
  const auto stop = whole.substr(8, 4);
  const auto cut =
      report({"--model", tiny_dir.string(), "--stages", "2", "--processes", "2", "--stop", stop});
  CHECK(cut["finish"] == "stop_string");
  CHECK(cut["text"] == whole.substr(0, whole.find(stop)));
}

TEST_CASE("a topology file: explicit layers, hosts started by the command") {
  temp_dir dir;
  const auto file = dir.write("ring.toml", hosts_toml({"alpha", "beta"}) + ring_toml(R"(stages = [
    { host = "alpha", layers = [0, 1] }, { host = "local", layers = [1, 4] },
    { host = "beta", layers = [4, 6] } ])"));
  const auto out = report({"--topology", file.string()});
  CHECK(out["tokens"] == wanted());
  CHECK(places(out) == "alpha [0,1] | local [1,4] | beta [4,6]");
}

TEST_CASE("a topology file: layers and order by memory") {
  temp_dir dir;
  auto hosts = hosts_toml({"alpha", "beta", "gamma"});
  // In the file's order 3 : 1 : 2 GiB.
  for (const auto& [name, memory] :
       {std::pair{"alpha", "3GiB"}, {"beta", "1GiB"}, {"gamma", "2GiB"}}) {
    const auto line = "name = \"" + std::string(name) + "\"\n";
    hosts.insert(hosts.find(line), "memory = \"" + std::string(memory) + "\"\n");
  }
  for (const auto* stages :
       {"stages = \"auto\"\n",
        "stages = [{ host = \"alpha\", layers = \"auto\" }, { host = \"beta\", layers = \"auto\" },"
        "{ host = \"gamma\", layers = \"auto\" }]\n"}) {
    const auto file = dir.write("ring.toml", hosts + ring_toml(stages));
    const auto out = report({"--topology", file.string()});
    CHECK(out["tokens"] == wanted());
    CHECK(places(out) == "beta [0,1] | gamma [1,3] | alpha [3,6]");
  }
}

TEST_CASE("a topology file: stages that are actors of the file, here and elsewhere") {
  temp_dir dir;
  fs::create_directory_symlink(tiny_dir, dir.path() / "tiny");
  const auto file = dir.write("ring.toml", hosts_toml({"alpha"}) + R"(
[[actor]]
type = "shard_executor"
name = "front"
placement = "alpha"
[actor.settings]
model = "tiny"
layers = [0, 2]
prompt_chunk = 1

[[actor]]
type = "shard_executor"
name = "back"
[actor.settings]
model = "tiny"
layers = [4, 6]
)" +
                                               ring_toml(R"(stages = [
    { actor = "front" }, { host = "alpha", layers = [2, 4] }, { actor = "back" } ])",
                                                         dir.path() / "tiny"));
  const auto out = report({"--topology", file.string()});
  CHECK(out["tokens"] == wanted());
  CHECK(places(out) == "alpha [0,2] | alpha [2,4] | local [4,6]");
  CHECK(out["stages"][0]["actor"] == "front");
  CHECK(out["stages"][2]["actor"] == "back");
}

TEST_CASE("a ring can live on another host, and a file can have several") {
  temp_dir dir;
  const auto file = dir.write(
      "ring.toml", hosts_toml({"alpha", "beta"}) +
                       ring_toml("placement = \"alpha\"\nstages = [{ host = \"alpha\", "
                                 "layers = [0, 3] }, { host = \"beta\", layers = [3, 6] }]\n") +
                       "[[ring]]\nname = \"second\"\nmodel = \"" + tiny_dir.string() +
                       "\"\nstages = [{ host = \"beta\", layers = [0, 6] }]\n");
  const auto main = report({"--topology", file.string(), "--ring", "main"});
  CHECK(main["tokens"] == wanted());
  CHECK(places(main) == "alpha [0,3] | beta [3,6]");
  CHECK(places(report({"--topology", file.string(), "--ring", "second"})) == "beta [0,6]");
  const auto which = run_program(generate({"--topology", file.string()}));
  CHECK(which.code == 2);
  REQUIRE(which.complaints().size() == 1);
  CHECK(which.complaints()[0].find("--ring") != std::string::npos);
  CHECK(run_program(generate({"--topology", file.string(), "--ring", "third"})).code == 2);
}

TEST_CASE("hosts that run already serve one command after another") {
  temp_dir dir;
  const auto file = dir.write("ring.toml", hosts_toml({"alpha", "beta"}) + ring_toml(R"(stages = [
    { host = "local", layers = [0, 2] }, { host = "alpha", layers = [2, 4] },
    { host = "beta", layers = [4, 6] } ])"));
  part alpha(file, "alpha");
  part beta(file, "beta");
  for (int round = 0; round < 3; ++round) {
    const auto out = report({"--topology", file.string(), "--attach"});
    CHECK(out["tokens"] == wanted());
    CHECK(places(out) == "local [0,2] | alpha [2,4] | beta [4,6]");
  }
  // Two at a time.
  program one(generate({"--topology", file.string(), "--attach"}));
  const auto other = report({"--topology", file.string(), "--attach"});
  CHECK(other["tokens"] == wanted());
  const auto first = one.finish();
  CHECK(first.code == 0);
  CHECK(nlohmann::json::parse(first.out)["tokens"] == wanted());
  alpha.end();
  beta.end();
}

TEST_CASE("launching a file starts its hosts, and ends them when asked") {
  temp_dir dir;
  const auto file = dir.write("ring.toml", hosts_toml({"alpha", "beta"}) + ring_toml(R"(stages = [
    { host = "alpha", layers = [0, 3] }, { host = "beta", layers = [3, 6] } ])"));
  for (const auto number : {SIGINT, SIGTERM}) {
    program all({file.string()});
    REQUIRE(all.says("2 hosts are running", 60s));
    CHECK(all.out().find("ring main is ready: alpha [0, 3) | beta [3, 6)") != std::string::npos);
    const auto hosts = children_of(all.id());
    CHECK(hosts.size() == 2);
    all.signal(number);
    const auto out = all.finish(5s);
    CAPTURE(out.err);
    CHECK(out.code == 0);
    CHECK(out.complaints().empty());
    for (const auto& host : hosts)
      CHECK(host.ends_within(1s));
  }
}

TEST_CASE("a command leaves no file and no process behind") {
  temp_dir dir;
  REQUIRE(setenv("TMPDIR", dir.path().c_str(), 1) == 0);
  program ring(generate({"--model", tiny_dir.string(), "--stages", "3", "--processes", "3"}));
  CHECK(ring.finish().code == 0);
  unsetenv("TMPDIR");
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("tokenize converts line by line, there and back") {
  const auto there = run_program({"tokenize", "--model", tiny_dir.string()},
                                 "\"In the beginning\"\n\"\\u00e4\"\n");
  CHECK(there.code == 0);
  const auto back = run_program({"tokenize", "--model", tiny_dir.string(), "--decode"}, there.out);
  CHECK(back.code == 0);
  CHECK(back.out == "\"In the beginning\"\n\"\xc3\xa4\"\n");
}
