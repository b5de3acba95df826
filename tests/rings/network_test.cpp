// Twelve processes that know one address find one another over links of different lengths, measure
// them, and notice that one is gone.
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <list>

#include "net/free_port.hpp"
#include "tests/rings/fixtures.hpp"
#include "tests/rings/program.hpp"

using namespace dci;
using namespace dci::test;
using namespace std::chrono_literals;

namespace {

constexpr int nodes = 12, towns = 3;

std::string name_of(int i) {
  return "node" + std::to_string(i);
}

std::string actor(const std::string& type, const std::string& name, int host,
                  const std::string& settings) {
  return "[[actor]]\ntype = \"" + type + "\"\nname = \"" + name + std::to_string(host) +
         "\"\nplacement = \"" + name_of(host) + "\"\nsettings = { " + settings + " }\n";
}

std::string quoted(std::uint16_t port) {
  return "\"127.0.0.1:" + std::to_string(port) + "\"";
}

// As host `to` sees the others: 6 ms there and back in its own town, 40 ms to others.
std::string conditions(int to, const std::vector<std::uint16_t>& ports) {
  std::string out;
  for (int from = 0; from < nodes; ++from)
    out += (from == 0 ? "" : ", ") + std::string{"{ from = "} + quoted(ports.at(from)) +
           ", conditions = { jitter_ms = 1, loss = 0.01, latency_ms = " +
           (from % towns == to % towns ? "3" : "20") + " } }";
  return "[" + out + "]";
}

// Hosts with a node each, reached through a relay; all but the first are told the first one's
// address.
std::string topology() {
  std::vector<std::string> names;
  for (int i = 0; i < nodes; ++i)
    names.push_back(name_of(i));
  auto out = hosts_toml(names);
  const auto ports = free_loopback_ports(2 * nodes).value(); // first where they listen
  const auto front = [&](int i) { return quoted(ports.at(nodes + i)); };
  for (int i = 0; i < nodes; ++i) {
    const auto own = quoted(ports.at(i)), number = std::to_string(i);
    const auto link = "link = \"link" + number + "\"";
    out += actor("relay", "relay", i,
                 "transport = \"udp\", listen = " + front(i) + ", to = " + own +
                     ", senders = " + conditions(i, ports));
    out += actor("link", "link", i, "listen = " + own + ", advertise = " + front(i));
    out += actor("membership", "m", i, link + (i == 0 ? "" : ", seeds = [" + front(0) + "]"));
    const auto beside = link + ", membership = \"m" + number + "\"";
    out += actor("proximity_prober", "p", i, beside);
    out += actor("gossip", "g", i, beside + ", prober = \"p" + number + "\"");
    out += actor("overlay", "o", i,
                 link + ", membership = \"m" + number + "\", gossip = \"g" + number + "\"");
    if (i == 0)
      out += actor("ring_former", "former", i, "gossip = \"g0\"");
  }
  return out;
}

// Waits until those who are left know `others` of them and how far they are, kills one, and waits
// again.
constexpr auto script = R"(
  local members, probers, gossips, overlays, links = {}, {}, {}, {}, {}
  -- A host answers before all its actors are there.
  local function find(host, name)
    for _ = 1, 400 do
      local found, actor = pcall(host.actor, host, name)
      if found then return actor end
      dci.sleep(0.05)
    end
    error("no actor " .. name)
  end
  for i, address in ipairs(arg) do
    local host = dci.attach(address, 30)
    members[i] = find(host, "m" .. (i - 1))
    probers[i] = find(host, "p" .. (i - 1))
    gossips[i] = find(host, "g" .. (i - 1))
    overlays[i] = find(host, "o" .. (i - 1))
    links[i] = find(host, "link" .. (i - 1))
  end
  local function wait(done)
    local slept = 0
    for i = 1, #members do
      while not done(i) do
        assert(slept < 60, "nobody says so")
        dci.sleep(0.05)
        slept = slept + 0.05
      end
    end
  end
  local function knows(others)
    return function(i) return #members[i]:describe().members == others end
  end
  wait(knows(#members - 1))
  print("all are known")
  local town = {}
  for i, m in ipairs(members) do town[m:describe().self.id] = i % 3 end
  wait(function(i)
    local measured = 0
    for _, link in ipairs(probers[i]:describe().links) do
      if link.echoes > 0 then
        measured = measured + 1
        assert(link.least_ms >= (town[link.id] == i % 3 and 6 or 40), link.least_ms)
      end
    end
    return measured == #members - 1
  end)
  print("all links are measured")
  local before = os.time()
  wait(function(i)
    local nodes = gossips[i]:describe().nodes
    for _, node in ipairs(nodes) do
      if #node.nearest ~= #nodes - 1 then return false end
      -- The nearest three are those of its own town.
      for rank, link in ipairs(node.nearest) do
        local same = town[nodes[link.peer + 1].id] == town[node.id]
        if same ~= (rank <= 3) then return false end
      end
    end
    return #nodes == #members
  end)
  for _, node in ipairs(gossips[1]:describe().nodes) do
    assert(node.device.tflops_f32 > 0 and node.policy.takes_work, "a device that says nothing")
  end
  print("everybody has the whole map, after another " .. os.difftime(os.time(), before) .. " s")
  wait(function(i)
    local seen, trained = false, false
    for _, link in ipairs(probers[i]:describe().links) do
      seen = seen or link.seen > 0
      trained = trained or link.mbit_per_s > 0
    end
    return seen and trained
  end)
  print("all have seen round trips of other traffic, and a bandwidth")
  -- The overlay's ring: in the order of the ids, from any node to any other.
  local ids = {}
  for _, o in ipairs(overlays) do ids[#ids + 1] = o:describe().id end
  table.sort(ids)
  local after = {}
  for i, id in ipairs(ids) do after[id] = ids[i % #ids + 1] end
  wait(function(i)
    local is = overlays[i]:describe()
    return is.state == "joined" and is.successors[1] == after[is.id] and after[is.predecessor] == is.id
  end)
  for i, id in ipairs(ids) do
    -- Longer than a lookup is tried.
    local found = overlays[i % #overlays + 1]:request("lookup_request", { key = id }, 20)
    if found.owner ~= id then
      local said = "for " .. id .. " the wrong owner: " .. found.owner
      for i = 1, #overlays do
        local is = overlays[i]:describe()
        said = said .. "\n" .. is.id .. " is " .. is.state .. ", before it " .. is.predecessor
      end
      error(said)
    end
  end
  wait(function(i) return overlays[i]:describe().published end)
  for i, address in ipairs(arg) do
    local is = overlays[1]:request("find_node_request", { id = overlays[i]:describe().id })
    assert(is.host == address, is.host)
  end
  local nobody = ("7"):rep(64)
  local found, why = pcall(overlays[3].request, overlays[3], "find_node_request", { id = nobody })
  assert(not found and tostring(why):find("has published nothing"), why)
  assert(#overlays[3]:request("find_layers_request", { model = nobody }).holders == 0)
  print("every node finds every other on the overlay's ring")
  -- A ring of near nodes, and an answer of it.
  local former = find(dci.attach(arg[1], 30), "former0")
  local formed = former:request("form_ring_request", { stages = 4, layers = 6, alpha = 1 })
  assert(formed.candidates == #members)
  local stages = {}
  for i, one in ipairs(formed.members) do
    assert(town[one.id] == town[formed.members[1].id], "from two towns")
    stages[i] = { host = dci.attach(one.host, 30), layers = one.layers }
  end
  local ring = dci.ring{ name = "near", model = model, stages = stages }
  local answer = ring:generate{ prompt = "In the beginning", max_tokens = 10 }
  print("a ring of " .. #stages .. " near nodes says " .. #answer.tokens .. " tokens")
  local model_id = stages[1].host:actor("near.1"):describe().fingerprint
  local slept, holders = 0, {}
  while #holders < #stages and slept < 40 do
    holders = overlays[2]:request("find_layers_request", { model = model_id }).holders
    dci.sleep(0.2)
    slept = slept + 0.2
  end
  assert(#holders == #stages, "only " .. #holders .. " holders are known")
  print("the overlay knows who holds its layers")
  ring:stop()
  local process = members[#members]:host():describe().process
  table.remove(members)
  os.execute("kill -9 " .. process)
  before = os.time()
  wait(knows(#members - 1))
  print("the death is known, after about " .. os.difftime(os.time(), before) .. " s")
  wait(function(i) return #probers[i]:describe().links == #members - 1 end)
  print("nobody probes the dead")
  -- Honest nodes refuse one another's word at three times only.
  local expected = {
    -- Of two that meet, one speaks before the other has heard of it, or is there whole.
    ["a probe or an echo of a node that is no member"] = true,
    ["a datagram for a channel that nobody reads"] = true,
    ["a stranger asks for reports"] = true,
    ["a stranger offers reports"] = true,
    ["a report of no member"] = true,
    -- While the overlay's ring changes, two may differ about whose a key is.
    ["a record belongs to another node"] = true,
    ["copies of a node's records that are kept elsewhere"] = true,
    ["a node compares records that are not its own"] = true,
    -- A host that gets no processor answers later than anybody waits.
    ["an echo of no probe that is under way"] = true,
  }
  for i = 1, #members do
    for _, one in ipairs(links[i]:describe().refused) do
      assert(expected[one.reason], one.reason)
    end
  end
)";

} // namespace

TEST_CASE("twelve processes find one another from one address, and miss the one that is killed") {
  const temp_dir dir;
  const auto toml = topology();
  const auto file = dir.write("hosts.toml", toml).string();
  std::list<program> hosts;
  std::vector<std::string> arguments{
      dir.write("watch.lua", "local model = \"" + tiny_dir.string() + "\"\n" + script).string()};
  for (std::size_t at = 0, i = 0; i < nodes; ++i) {
    hosts.emplace_back(std::vector<std::string>{file, "--host", name_of(static_cast<int>(i))});
    at = toml.find("address = \"", at) + 11;
    arguments.push_back(toml.substr(at, toml.find('"', at) - at));
  }
  const auto watched = run_program(arguments, {}, 120s, "dci-console");
  CAPTURE(watched.err);
  CHECK(watched.code == 0);
  MESSAGE(watched.out);
  CHECK(watched.out.find("nobody probes the dead") != std::string::npos);
  const auto picture = (dir.path() / "map.svg").string();
  const auto map = run_program({"map", arguments.at(1), "--actor", "g0", "--svg", picture});
  CAPTURE(map.err);
  CHECK(map.code == 0);
  for (const auto* part : {"11 nodes, round trips in ms", "bandwidths in Mbit/s", "takes work"})
    CHECK(map.out.find(part) != std::string::npos);
  std::ifstream drawn(picture);
  CHECK(std::string(std::istreambuf_iterator<char>(drawn), {}).find("<svg") != std::string::npos);
  for (auto& host : hosts)
    host.signal(SIGTERM);
}
