// Nodes that get their certificates over the network, by the commands that their owner types.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <list>

#include "net/free_port.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// Authorities that serve, and nodes that ask them.
struct offices {
  temp_dir dir;
  std::vector<std::uint16_t> ports;
  std::list<program> serving;
  std::string roots, addresses;
  std::vector<std::string> more; ///< flags

  explicit offices(int count, std::vector<std::string> flags = {})
      : ports(free_loopback_ports(count).value()), more(std::move(flags)) {
    dir.write("token", "a token that is long enough\n");
    fs::permissions(dir.path() / "token", fs::perms::owner_read | fs::perms::owner_write);
    for (int i = 0; i < count; ++i) {
      const auto name = "office-" + std::to_string(i);
      REQUIRE(run_program({"authority", "create", path(name), "--name", name}).code == 0);
      roots += (i == 0 ? "\"" : ", \"") + name + "/authority.crt\"";
      addresses += (i == 0 ? "\"" : ", \"") + at(i) + "\"";
      serve(i);
    }
  }
  std::string path(const std::string& name) const {
    return (dir.path() / name).string();
  }
  std::string at(int i) const {
    return "127.0.0.1:" + std::to_string(ports.at(i));
  }
  void serve(int i) {
    std::vector<std::string> arguments{"authority",  "serve", path("office-" + std::to_string(i)),
                                       "--listen",   at(i),   "--token-file",
                                       path("token")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto& one = serving.emplace_back(arguments);
    REQUIRE_MESSAGE(one.says("gives certificates at " + at(i), 30s), one.err());
  }
  /// A node with its key and its credentials file.
  std::string node(const std::string& name, int needed) const {
    REQUIRE(run_program({"keygen", path(name + ".key")}).code == 0);
    return dir
        .write(name + ".toml", "key = \"" + name + ".key\"\ncertificates = [\"" + name +
                                   ".crt\"]\nroots = [" + roots + "]\nneeded = " +
                                   std::to_string(needed) + "\nauthorities = [" + addresses + "]\n")
        .string();
  }
  outcome enroll(const std::string& file, const std::string& token = "token") const {
    return run_program({"enroll", file, "--token-file", path(token), "--json"});
  }
};

} // namespace

TEST_CASE("nodes enroll with two of three authorities, one of which is gone, and form a ring") {
  offices o(3);
  o.serving.front().signal(SIGTERM);
  const auto gone = o.serving.front().finish(10s);
  CHECK(gone.code == 0);
  for (const auto* name : {"mine", "alpha"}) {
    const auto out = o.enroll(o.node(name, 2));
    CAPTURE(out.err);
    REQUIRE(out.code == 0);
    const auto said = nlohmann::json::parse(out.out);
    CHECK(said["authorities"] == nlohmann::json{"office-1", "office-2"});
  }
  const auto port = free_loopback_port().value();
  const auto ring = o.dir.write(
      "ring.toml",
      "credentials = \"mine.toml\"\n[[host]]\nname = \"alpha\"\naddress = \"127.0.0.1:" +
          std::to_string(port) +
          "\"\ncredentials = \"alpha.toml\"\n[[ring]]\nname = \"main\"\nmodel = \"" +
          tiny_dir.string() +
          "\"\nstages = [ { host = \"alpha\", layers = [0, 3] }, { host = \"local\", "
          "layers = [3, 6] } ]\n");
  const auto answer = run_program({"generate", "--topology", ring.string(), "--prompt",
                                   "In the beginning", "--max-tokens", "10", "--json"});
  CAPTURE(answer.err);
  REQUIRE(answer.code == 0);
  CHECK(nlohmann::json::parse(answer.out)["tokens"].size() == 10);
}

TEST_CASE("an answer goes on past the end of the certificates that its ring began with") {
  offices o(1, {"--seconds", "20"});
  const auto enrolled = std::chrono::steady_clock::now();
  for (const auto* name : {"mine", "alpha"})
    REQUIRE(o.enroll(o.node(name, 1)).code == 0);
  const auto ring = o.dir.write(
      "ring.toml",
      "credentials = \"mine.toml\"\n[[host]]\nname = \"alpha\"\naddress = \"127.0.0.1:" +
          std::to_string(free_loopback_port().value()) +
          "\"\ncredentials = \"alpha.toml\"\n[[ring]]\nname = \"main\"\nmodel = \"" +
          endless_model(o.dir).string() +
          "\"\nstages = [ { host = \"alpha\", layers = [0, 3] }, { host = \"local\", "
          "layers = [3, 6] } ]\n");
  program alpha({ring.string(), "--host", "alpha", "--log-level", "info"});
  program answer({"generate", "--topology", ring.string(), "--attach", "--prompt",
                  "In the beginning", "--ignore-end", "--max-tokens", "900000", "--log-level",
                  "info"});
  REQUIRE_MESSAGE(answer.writes(100, 60s), answer.err());
  REQUIRE_MESSAGE(answer.complains("new certificates", 30s), answer.err());
  REQUIRE_MESSAGE(alpha.complains("new certificates", 30s), alpha.err());
  // By ZeroMQ it would go on, too: so CAF's link must not have been lost.
  while (std::chrono::steady_clock::now() < enrolled + 24s)
    REQUIRE_MESSAGE(answer.writes_more(100, 60s), answer.err());
  CHECK(answer.err().find("is lost") == std::string::npos);
  CHECK(answer.err().find("reached by") == std::string::npos);
}

TEST_CASE("who may not enroll is told why, and nothing is written") {
  offices o(2);
  const auto refused = [&](const outcome& out, const std::string& words) {
    CAPTURE(out.err);
    CHECK(out.code != 0);
    REQUIRE(out.complaints().size() == 1);
    CHECK(out.complaints()[0].find(words) != std::string::npos);
  };
  const auto file = o.node("alpha", 2);
  o.dir.write("guess", "a token that is wrong but long");
  refused(o.enroll(file, "guess"), "guess: "); // everybody can read it
  fs::permissions(o.dir.path() / "guess", fs::perms::owner_read);
  refused(o.enroll(file, "guess"),
          "0 of 2 needed authorities vouch for this node; " + o.at(0) + ": node ");
  refused(o.enroll(file, "nothing"), "nothing");
  // One that is not who the file says is not even shown the token.
  fs::rename(o.path("office-1/authority.crt"), o.path("kept.crt"));
  REQUIRE(run_program({"authority", "create", o.path("other"), "--name", "office-1"}).code == 0);
  fs::copy_file(o.path("other/authority.crt"), o.path("office-1/authority.crt"));
  refused(o.enroll(file), "1 of 2 needed authorities vouch for this node; " + o.at(1) + ": ");
  CHECK_FALSE(fs::exists(o.path("alpha.crt")));
  const auto alone = o.dir.write("beta.toml", "key = \"alpha.key\"\ncertificates = [\"beta.crt\"]\n"
                                              "roots = [\"kept.crt\"]\n");
  refused(o.enroll(alone.string()), "names no authority to ask");
  // An authority that is served is not changed from beside.
  refused(run_program({"authority", "revoke", o.path("office-0"), std::string(64, 'a'), "--output",
                       o.path("list.crl")}),
          "office-0");
}

TEST_CASE("an authority that cannot be served says why") {
  const temp_dir dir;
  const auto folder = (dir.path() / "ours").string();
  REQUIRE(run_program({"authority", "create", folder, "--name", "ours"}).code == 0);
  const auto at = "127.0.0.1:" + std::to_string(free_loopback_port().value());
  const auto out = run_program({"authority", "serve", folder, "--listen", at});
  CHECK(out.code == 2);
  REQUIRE(out.complaints().size() == 1);
  CAPTURE(out.err);
  CHECK(out.complaints()[0].starts_with("dci-runtime: say who gets a certificate"));
}
