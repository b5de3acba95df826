// A host that nobody reaches, in a ring and on the map through a tunnel alone.
#include <doctest/doctest.h>

#include <csignal>
#include <optional>

#include "net/free_port.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/owner_home.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

// A gateway with a tunnel's entry, a host alpha, and one at home, which listens where nobody is
// told.
struct hidden_home : owner_home {
  std::vector<std::uint16_t> ports = free_loopback_ports(10).value();

  hidden_home() {
    authority("ours");
    for (const auto* name : {"mine", "gateway", "alpha", "home"})
      node(name, "ours", "ours");
  }
  std::string at(std::size_t i, const std::string& ip = "127.0.0.1") const {
    return ip + ":" + std::to_string(ports.at(i));
  }
  std::string told() const { // of the host at home
    return at(2);
  }
  static std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
  }
  static std::string host(const std::string& name, const std::string& rest) {
    return "[[host]]\nname = \"" + name + "\"\ncredentials = \"" + name + ".toml\"\n" + rest + "\n";
  }
  static std::string actor(const std::string& type, const std::string& name,
                           const std::string& where, const std::string& settings) {
    return "[[actor]]\ntype = \"" + type + "\"\nname = \"" + name + "\"\nplacement = \"" + where +
           "\"\nsettings = { " + settings + " }\n";
  }
  /// more: of the ring.
  std::string file(const std::string& more = "") const {
    // Doors: 2 for CAF and for datagrams, 3 for ZeroMQ.
    const auto inside = [&](std::size_t i) { return quoted(at(i, "127.0.0.5")); };
    auto out = "credentials = \"mine.toml\"\n" + host("gateway", "address = " + quoted(at(0))) +
               host("alpha", "address = " + quoted(at(1))) +
               host("home", "address = " + quoted(told()) + "\nlisten = " + inside(4) +
                                "\nframes_address = " + quoted(at(3)) + "\nframes = " + inside(5));
    const auto [first, last] = std::minmax(ports[2], ports[3]);
    out += actor("tunnel_entry", "entry", "gateway",
                 "listen = " + quoted(at(6)) + ", calls_port = " + std::to_string(ports[7]) +
                     ", first_port = " + std::to_string(first) +
                     ", last_port = " + std::to_string(last));
    out += actor(
        "tunnel_exit", "tunnel", "home",
        "entry = " + quoted(at(6)) + ", doors = [ { transport = \"tcp\", at = " + quoted(at(2)) +
            ", to = " + inside(4) + " }, { transport = \"tcp\", at = " + quoted(at(3)) +
            ", to = " + inside(5) + " }, { transport = \"udp\", at = " + quoted(at(2)) + " } ]");
    out += actor("link", "link_a", "alpha", "listen = " + quoted(at(8)));
    out += actor("link", "link_h", "home", "listen = " + inside(9) + ", tunnel = \"tunnel\"");
    for (const std::string n : {"a", "h"}) {
      const std::string where = n == "a" ? "alpha" : "home", link = "link = \"link_" + n + "\"";
      out += actor("membership", "members_" + n, where,
                   link + (n == "a" ? "" : ", seeds = [" + quoted(at(8)) + "]"));
      const auto beside = link + ", membership = \"members_" + n + "\"";
      out += actor("proximity_prober", "prober_" + n, where, beside);
      out += actor("gossip", "gossip_" + n, where, beside + ", prober = \"prober_" + n + "\"");
    }
    out += "[[ring]]\nname = \"main\"\nmodel = \"" + tiny_dir.string() + "\"\n" + more +
           "stages = [ { host = \"alpha\", layers = [0, 2] }, { host = \"home\", layers = [2, 4] "
           "}, { host = \"local\", layers = [4, 6] } ]\n";
    return dir.write("ring.toml", out).string();
  }
};

auto tokens(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(),
                   {"--prompt", "In the beginning", "--max-tokens", "40", "--json"});
  return nlohmann::json::parse(must_run(arguments).out)["tokens"];
}

std::string run_script(const hidden_home& h, const std::string& script) {
  const auto file = h.dir.write("script.lua", R"lua(
    local function wait(what, done)
      local said
      for _ = 1, 1200 do
        local fine, is_so = pcall(done)
        said = is_so
        if fine and is_so then return is_so end
        dci.sleep(0.05)
      end
      error("never: " .. what .. ": " .. tostring(said))
    end
  )lua" + script);
  const auto out =
      run_program({"--credentials", h.path("mine.toml"), file.string(), h.at(0), h.at(1), h.told()},
                  {}, 120s, "dci-console");
  CAPTURE(out.err);
  CHECK(out.code == 0);
  return out.out;
}

} // namespace

TEST_CASE("a ring with a host that is reached through a tunnel alone says the same tokens") {
  const hidden_home h;
  const auto plain = tokens({"generate", "--model", tiny_dir.string()});
  CHECK(plain.size() == 40);
  // Its hosts are started all at once: the tunnel opens while the others dial.
  CHECK(tokens({"generate", "--topology", h.file()}) == plain);
  CHECK(tokens({"generate", "--topology", h.file("transport = \"zmq\"\n")}) == plain);
}

TEST_CASE("a hidden host is a member and on the map, and comes back when the entry was killed") {
  const hidden_home h;
  const auto file = h.file();
  const auto start = [&](const std::string& name) {
    return std::make_unique<program>(std::vector<std::string>{file, "--host", name});
  };
  auto gateway = start("gateway");
  const auto alpha = start("alpha"), home = start("home");
  const auto said = run_script(h, R"lua(
    local gateway, alpha, home = dci.attach(arg[1], 30), dci.attach(arg[2], 30), dci.attach(arg[3], 30)
    assert(home:describe().host == "home")
    local me = wait("the link is there", function() return home:actor("link_h"):describe() end)
    assert(me.address == arg[3], me.address)
    wait("both are members", function()
      local a, h = alpha:actor("members_a"):describe(), home:actor("members_h"):describe()
      return #a.members == 1 and #h.members == 1 and a.members[1].id == me.id and a.members[1]
    end)
    wait("the map has both", function()
      local map = alpha:actor("gossip_a"):describe()
      if #map.nodes ~= 2 then return false end
      for _, node in ipairs(map.nodes) do
        if #node.nearest ~= 1 then return false end
      end
      return true
    end)
    print("on the map")
    local function door(transport)
      for _, one in ipairs(gateway:actor("entry"):describe().doors) do
        if one.transport == transport and one.bytes_in > 0 and one.bytes_out > 0 then return one end
      end
    end
    local tcp, udp = door("tcp"), door("udp")
    assert(tcp and udp, "nothing has passed a door")
    print("tcp", tcp.callers, tcp.bytes_in, tcp.bytes_out, "udp", udp.callers, udp.bytes_in, udp.bytes_out)
    local exit = home:actor("tunnel"):describe()
    assert(exit.state == "connected" and exit.connections > 0)
    for _, one in ipairs(exit.doors) do assert(one.state == "open", one.state) end
    -- Alpha hears of no other address than the door's.
    for _, one in ipairs(alpha:actor("members_a"):describe().members) do
      assert(one.address == arg[3], one.address)
    end
  )lua");
  MESSAGE(said);
  CHECK(said.find("on the map") != std::string::npos);
  const auto plain = tokens({"generate", "--model", tiny_dir.string()});
  CHECK(tokens({"generate", "--topology", file, "--attach"}) == plain);
  gateway->signal(SIGKILL);
  gateway.reset();
  const auto gone = run_script(h, "print(pcall(dci.attach, arg[3], 1))");
  CHECK(gone.find("false") == 0);
  gateway = start("gateway");
  const auto back = run_script(h, R"lua(
    local before = os.time()
    local home = dci.attach(arg[3], 60)
    assert(home:describe().host == "home")
    print("reached again after about " .. os.difftime(os.time(), before) .. " s")
    local alpha = dci.attach(arg[2], 30)
    wait("it is a member again", function()
      local all = alpha:actor("members_a"):describe().members
      return #all == 1 and all[1].address == arg[3]
    end)
    wait("the doors are open", function()
      local all = dci.attach(arg[1], 30):actor("entry"):describe().doors
      for _, one in ipairs(all) do
        if one.transport == "udp" and one.bytes_in > 0 and one.bytes_out > 0 then return true end
      end
    end)
    print("a member again after about " .. os.difftime(os.time(), before) .. " s")
  )lua");
  MESSAGE(back);
  CHECK(back.find("a member again") != std::string::npos);
  CHECK(tokens({"generate", "--topology", file, "--attach"}) == plain);
  for (const auto* one : {alpha.get(), home.get(), gateway.get()})
    one->signal(SIGTERM);
}
