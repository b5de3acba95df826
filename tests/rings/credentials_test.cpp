// Rings of hosts that an authority vouches for, made by the commands that their owner types.
#include <doctest/doctest.h>

#include <csignal>
#include <list>

#include "net/free_port.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/owner_home.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

struct home : owner_home {
  /// A ring over two hosts, each with its credentials; "mine" are the command's.
  std::string ring(const std::string& more = "",
                   const std::string& model = tiny_dir.string()) const {
    const auto ports = free_loopback_ports(2).value();
    const auto host = [&](const std::string& name, int i) {
      return "[[host]]\nname = \"" + name +
             "\"\naddress = \"127.0.0.1:" + std::to_string(ports.at(i)) + "\"\ncredentials = \"" +
             name + ".toml\"\n";
    };
    return dir
        .write("ring.toml", "credentials = \"mine.toml\"\n" + host("alpha", 0) + host("beta", 1) +
                                "[[ring]]\nname = \"main\"\nmodel = \"" + model + "\"\n" + more +
                                "stages = [ { host = \"alpha\", layers = [0, 2] }, { host = "
                                "\"local\", layers = [2, 3] }, { host = \"beta\", layers = [3, 6] "
                                "} ]\n")
        .string();
  }
};

} // namespace

TEST_CASE("a ring over TLS says the same tokens") {
  const home h;
  h.authority("ours");
  for (const auto* name : {"mine", "alpha", "beta"})
    h.node(name, "ours", "ours");
  const auto tokens = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(),
                     {"--prompt", "In the beginning", "--max-tokens", "40", "--json"});
    return nlohmann::json::parse(must_run(arguments).out)["tokens"];
  };
  const auto plain = tokens({"generate", "--model", tiny_dir.string()});
  CHECK(plain.size() == 40);
  CHECK(tokens({"generate", "--topology", h.ring()}) == plain);
  CHECK(tokens({"generate", "--topology", h.ring("transport = \"zmq\"\n")}) == plain);
}

TEST_CASE("a stage that is revoked while ZeroMQ carries its steps is cut off, by name") {
  const home h;
  h.authority("ours");
  for (const auto* name : {"mine", "alpha"})
    h.node(name, "ours", "ours");
  const auto victim = h.node("beta", "ours", "ours");
  const auto file = h.ring("transport = \"zmq\"\n", endless_model(h.dir).string());
  program alpha({file, "--host", "alpha"}), beta({file, "--host", "beta"});
  program answer({"generate", "--topology", file, "--attach", "--prompt", "In the beginning",
                  "--ignore-end", "--max-tokens", "90000"});
  REQUIRE_MESSAGE(answer.writes(100, 60s), answer.err());
  must_run({"authority", "revoke", h.path("ours"), victim, "--output", h.path("revoked.crl")});
  // Beta hands its tokens to alpha, who listens to it no more.
  const auto tell = h.dir.write("tell.lua", R"lua(
    local address = io.open(arg[1]):read("a"):match('name = "alpha"%s+address = "([%d.:]+)"')
    local alpha = dci.attach(address, 30)
    assert(alpha:request("revocations_request", { pem = io.open(arg[2]):read("a") }).is_new)
    local slept = 0
    while slept < 5 do
      for _, one in ipairs(alpha:describe().frames_dropped) do
        if one.reason == "revoked" then return print("refused after " .. slept .. " s") end
      end
      dci.sleep(0.1)
      slept = slept + 0.1
    end
  )lua");
  answer.mark();
  const auto told = run_program(
      {"--credentials", h.path("mine.toml"), tell.string(), file, h.path("revoked.crl")}, {}, 60s,
      "dci-console");
  CAPTURE(told.err);
  MESSAGE(told.out);
  CHECK(told.out.find("refused after") != std::string::npos);
  const auto out = answer.finish(20s);
  CAPTURE(out.err);
  MESSAGE("ended after " << out.seconds << " s");
  CHECK(out.code == 3);
  CHECK(out.seconds < 5);
  REQUIRE(out.complaints().size() == 1);
  CHECK(out.complaints()[0].find("alpha") != std::string::npos);
  CHECK(out.complaints()[0].find("cannot be reached") != std::string::npos);
}

TEST_CASE("a host that another authority vouches for is refused by name") {
  const home h;
  h.authority("ours");
  h.authority("theirs");
  h.node("mine", "ours", "ours");
  h.node("alpha", "ours", "ours");
  h.node("beta", "theirs", "ours");
  const auto out = run_program({"generate", "--topology", h.ring(), "--prompt", "x"}, {}, 60s);
  CAPTURE(out.err);
  CHECK(out.code == 3);
  CHECK(out.err.find("unknown authority \"theirs\"") != std::string::npos);
  CHECK(out.err.find("ring.toml:6") != std::string::npos); // where beta stands
}

TEST_CASE("a node that is revoked is cut off from running hosts, and not let in again") {
  const home h;
  h.authority("ours");
  for (const auto* name : {"mine", "alpha"})
    h.node(name, "ours", "ours");
  const auto victim = h.node("beta", "ours", "ours");
  const auto file = h.ring();
  program alpha({file, "--host", "alpha"}), beta({file, "--host", "beta"});
  const auto list = h.path("revoked.crl");
  const auto script = h.dir.write("revoke.lua", R"lua(
    local text = io.open(arg[1]):read("a")
    local where = {}
    for name, address in text:gmatch('name = "(%w+)"%s+address = "([%d.:]+)"') do where[name] = address end
    local alpha, beta = dci.attach(where.alpha, 30), dci.attach(where.beta, 30)
    local stage = beta:spawn("shard_executor", "stage", { model = arg[4], layers = {3, 6} })
    assert(os.execute(arg[2] .. " authority revoke " .. arg[5] .. " " .. arg[3] .. " --output " .. arg[6]))
    local pem = io.open(arg[6]):read("a")
    assert(dci.host():request("revocations_request", { pem = pem }).is_new)
    assert(not dci.host():request("revocations_request", { pem = pem }).is_new)
    local slept = 0
    while pcall(stage.describe, stage) do
      assert(slept < 5, "still connected")
      dci.sleep(0.1)
      slept = slept + 0.1
    end
    print("cut off after " .. slept .. " s")
    local _, why = pcall(dci.attach, where.beta, 2)
    print(why)
    assert(alpha:describe().host == "alpha")
    for _, one in ipairs(dci.host():describe().refused) do print(one.reason, one.times) end
  )lua");
  const auto out =
      run_program({"--credentials", h.path("mine.toml"), script.string(), file,
                   DCI_BIN_DIR "/dci-runtime", victim, tiny_dir.string(), h.path("ours"), list},
                  {}, 60s, "dci-console");
  CAPTURE(out.err);
  CHECK(out.code == 0);
  MESSAGE(out.out);
  CHECK(out.out.find("cut off") != std::string::npos);
  CHECK(out.out.find("was revoked") != std::string::npos);
  CHECK(out.out.find("revoked\t") != std::string::npos);
  alpha.signal(SIGTERM);
  beta.signal(SIGTERM);
}

TEST_CASE("nodes tell one another who is revoked, and listen to him no more on either transport") {
  const home h;
  h.authority("ours");
  h.node("mine", "ours", "ours");
  const std::vector<std::string> names{"alpha", "beta", "gamma"};
  std::vector<std::string> ids;
  const auto ports = free_loopback_ports(6).value();
  const auto where = [&](std::size_t i) { return "127.0.0.1:" + std::to_string(ports.at(i)); };
  std::string toml = "credentials = \"mine.toml\"\n", actors;
  for (std::size_t i = 0; i < names.size(); ++i) {
    ids.push_back(h.node(names[i], "ours", "ours"));
    toml += "[[host]]\nname = \"" + names[i] + "\"\naddress = \"" + where(i) +
            "\"\ncredentials = \"" + names[i] + ".toml\"\n";
    const auto actor = [&](const std::string& type, const std::string& settings) {
      actors += "[[actor]]\ntype = \"" + type + "\"\nname = \"" + type + std::to_string(i) +
                "\"\nplacement = \"" + names[i] + "\"\nsettings = { " + settings + " }\n";
    };
    const auto number = std::to_string(i);
    actor("link", "listen = \"" + where(3 + i) + "\"");
    actor("membership", "link = \"link" + number + "\", seeds = [\"" + where(3) + "\"]");
    const auto beside = "link = \"link" + number + "\", membership = \"membership" + number + "\"";
    actor("proximity_prober", beside);
    actor("gossip", beside + ", prober = \"proximity_prober" + number + "\"");
  }
  const auto file = h.dir.write("nodes.toml", toml + actors).string();
  std::list<program> hosts;
  for (const auto& name : names)
    hosts.emplace_back(std::vector<std::string>{file, "--host", name});
  must_run({"authority", "revoke", h.path("ours"), ids[1], "--output", h.path("revoked.crl")});
  const auto script = h.dir.write("tell.lua", R"lua(
    local alpha, gamma = dci.attach(arg[1], 30), dci.attach(arg[2], 30)
    local function wait(done, what)
      for _ = 1, 600 do
        local fine, is_so = pcall(done)
        if fine and is_so then return end
        dci.sleep(0.05)
      end
      error("never: " .. what)
    end
    wait(function() return #gamma:actor("membership2"):describe().members == 2 end, "all are known")
    assert(#gamma:describe().refused == 0)
    local before = os.time()
    assert(alpha:request("revocations_request", { pem = io.open(arg[3]):read("a") }).is_new)
    local function refuses()
      for _, one in ipairs(gamma:actor("link2"):describe().refused) do
        if one.reason == "certificates are refused: revoked" then return true end
      end
    end
    wait(refuses, "gamma has heard of it")
    print("known after " .. os.difftime(os.time(), before) .. " s")
    wait(function() return #gamma:actor("membership2"):describe().members == 1 end, "it is gone")
    print("gone after " .. os.difftime(os.time(), before) .. " s")
  )lua");
  const auto told = run_program({"--credentials", h.path("mine.toml"), script.string(), where(0),
                                 where(2), h.path("revoked.crl")},
                                {}, 90s, "dci-console");
  CAPTURE(told.err);
  CHECK(told.code == 0);
  MESSAGE(told.out);
  CHECK(told.out.find("gone after") != std::string::npos);
  // Gamma heard of it by gossip only.
  const auto knock = h.dir.write("knock.lua", "print(select(2, pcall(dci.attach, arg[1], 5)))");
  const auto refused = run_program({"--credentials", h.path("beta.toml"), knock.string(), where(2)},
                                   {}, 30s, "dci-console");
  CAPTURE(refused.out);
  CHECK(refused.out.find("certificate revoked") != std::string::npos);
  for (auto& host : hosts)
    host.signal(SIGTERM);
}

TEST_CASE("a topology file gives credentials to all of its hosts or to none") {
  const temp_dir dir;
  const auto refused = [&](const std::string& text, const std::string& words) {
    const auto out = run_program({"check", dir.write("t.toml", text).string()});
    CAPTURE(out.err);
    CHECK(out.code == 2);
    CHECK(out.err.find(words) != std::string::npos);
  };
  const std::string host = "[[host]]\nname = \"a\"\naddress = \"127.0.0.1:4701\"\n";
  refused(host + "credentials = \"a.toml\"\n", "at its head");
  refused("credentials = \"mine.toml\"\n" + host, "has no credentials");
  refused("[[host]]\nname = \"a\"\naddress = \"192.0.2.1:4701\"\n", "has no credentials");
  const auto out =
      run_program({"check", dir.write("t.toml", "credentials = \"mine.toml\"\n[[host]]\nname = "
                                                "\"a\"\naddress = \"192.0.2.1:4701\"\n"
                                                "credentials = \"a.toml\"\n")
                                .string()});
  CAPTURE(out.err);
  CHECK(out.code == 0);
}
