// Twelve processes that know one address find one another, and notice that one is gone.
#include <doctest/doctest.h>

#include <csignal>
#include <list>

#include "net/free_port.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

constexpr int nodes = 12;

std::string name_of(int i) {
  return "node" + std::to_string(i);
}

// Hosts with a membership each, of which all but the first are told the first one's address.
std::string topology() {
  std::vector<std::string> names;
  for (int i = 0; i < nodes; ++i)
    names.push_back(name_of(i));
  auto out = hosts_toml(names);
  const auto ports = free_loopback_ports(nodes).value();
  const auto where = [&](int i) { return "\"127.0.0.1:" + std::to_string(ports.at(i)) + "\""; };
  for (int i = 0; i < nodes; ++i)
    out += "[[actor]]\ntype = \"membership\"\nname = \"m" + std::to_string(i) +
           "\"\nplacement = \"" + name_of(i) + "\"\nsettings = { listen = " + where(i) +
           (i == 0 ? "" : ", seeds = [" + where(0) + "]") + " }\n";
  return out;
}

// Waits until those who are left know `others` of them, kills one, and waits again.
constexpr auto script = R"(
  local members = {}
  for i, address in ipairs(arg) do
    members[i] = dci.attach(address, 30):actor("m" .. (i - 1))
  end
  local function wait(others)
    local slept = 0
    for _, m in ipairs(members) do
      while #m:describe().members ~= others do
        assert(slept < 60, "nobody says so")
        dci.sleep(0.05)
        slept = slept + 0.05
      end
    end
  end
  wait(#members - 1)
  print("all are known")
  local process = table.remove(members):host():describe().process
  os.execute("kill -9 " .. process)
  local before = os.time()
  wait(#members - 1)
  print("the death is known, after about " .. os.difftime(os.time(), before) .. " s")
  for _, m in ipairs(members) do assert(#m:describe().refused == 0) end
)";

} // namespace

TEST_CASE("twelve processes find one another from one address, and miss the one that is killed") {
  const temp_dir dir;
  const auto toml = topology();
  const auto file = dir.write("hosts.toml", toml).string();
  std::list<program> hosts;
  std::vector<std::string> arguments{dir.write("watch.lua", script).string()};
  for (std::size_t at = 0, i = 0; i < nodes; ++i) {
    hosts.emplace_back(std::vector<std::string>{file, "--host", name_of(static_cast<int>(i))});
    at = toml.find("address = \"", at) + 11;
    arguments.push_back(toml.substr(at, toml.find('"', at) - at));
  }
  const auto watched = run_program(arguments, {}, 120s, "dci-console");
  CAPTURE(watched.err);
  CHECK(watched.code == 0);
  MESSAGE(watched.out);
  CHECK(watched.out.find("the death is known") != std::string::npos);
  for (auto& host : hosts)
    host.signal(SIGTERM);
}
