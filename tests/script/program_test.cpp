// dci-console as a program: its command line, exit codes and processes.
#include <doctest/doctest.h>

#include "tests/script/support.hpp"

namespace dci {
namespace {

using test::run_console;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string in_shell_quotes(const std::string& text) {
  return "'" + text + "'";
}

TEST_CASE("exit codes of scripts") {
  struct expectation {
    std::string code;
    int exit;
    std::string err;
  };
  const std::vector<expectation> cases{
      {"print(1)", 0, ""},
      {"assert(1 == 2, \"sums are off\")", 1, "dci-console: -e:1: sums are off"},
      {"error(\"broken\")", 1, "-e:1: broken"},
      {"error({})", 1, "dci-console: table: "},
      {"x = = 1", 2, "-e:1: "},
      {"dci.host():spawn(\"nothing\", \"x\")", 2, "knows no actor type \"nothing\""},
      {"dci.attach(\"127.0.0.1:1\", 0.1)", 3, "nobody answers at 127.0.0.1:1"},
      {"os.exit(7)", 7, ""},
      {"pcall(os.exit, true) while true do end", 0, ""},
      {"os.exit(false)", 1, ""},
  };
  for (const auto& wanted : cases) {
    CAPTURE(wanted.code);
    const auto ran = run_console("-e " + in_shell_quotes(wanted.code));
    CHECK(ran.code == wanted.exit);
    CAPTURE(ran.err);
    CHECK((wanted.err.empty() ? ran.err.empty() : contains(ran.err, wanted.err)));
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == (wanted.err.empty() ? 0 : 1));
  }
}

TEST_CASE("command lines") {
  const test::temporary_folder folder;
  const auto script =
      folder.write("args.lua", "#!/usr/bin/env dci-console\nprint(arg[0] ~= nil, #arg, ...)")
          .string();
  CHECK(run_console(script + " --one -e two").out == "true\t3\t--one\t-e\ttwo\n");
  CHECK(run_console("-e 'x = 1' -e 'print(x + 1)'").out == "2\n");
  CHECK(run_console("", "echo 'print(6 * 7)' |").out == "42\n");
  CHECK(run_console("- a b", "echo 'print(...)' |").out == "a\tb\n");
  const auto missing = run_console("/no/such/script.lua");
  CHECK(missing.code == 2);
  CHECK(contains(missing.err, "/no/such/script.lua"));
  CHECK(run_console(folder.path().string()).code == 2);
  const auto binary = folder.write("binary.lua", "\x1bLua").string();
  CHECK(run_console(binary).code == 2);
  CHECK(run_console("--no-such-flag").code == 2);
  CHECK(run_console("--log-level loud -e 'x = 1'").code == 2);
  CHECK(run_console("--help").code == 0);
  CHECK(contains(run_console("--version").out, "."));
  CHECK(run_console("--attach 127.0.0.1 -e 'x = 1'").code == 2);
  CHECK(run_console("--topology /no/such.toml -e 'x = 1'").code == 2);
}

TEST_CASE("Ctrl-C ends a script with exit code 3") {
  const auto ran = run_console("-e 'while true do end'", "timeout --preserve-status -s INT 2");
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "interrupted"));
  CHECK(ran.seconds < 10);
}

TEST_CASE("the example scripts run") {
  const test::temporary_folder folder;
  const auto hosts = folder.write("hosts.toml", test::hosts_toml(2)).string();
  const auto ring = run_console("docs/examples/ring.lua " + hosts);
  CAPTURE(ring.err);
  CHECK(ring.code == 0);
  CHECK(contains(ring.out, "alpha"));
  CHECK(contains(ring.out, "tokens/s"));
  const auto planner = run_console("docs/examples/planner.lua");
  CAPTURE(planner.err);
  CHECK(planner.code == 0);
}

TEST_CASE("a script launches a host and makes a ring of local and remote stages") {
  const test::temporary_folder folder;
  const auto hosts = folder.write("hosts.toml", test::hosts_toml(1)).string();
  const auto script = folder.write("ring.lua", R"(
    local model = "tests/data/models/qwen2"
    local file <close> = assert(io.open(model .. "/golden.json"))
    local golden = dci.from_json(file:read("a"))
    local d = dci.launch(arg[1])
    local alpha = d:host("alpha")
    assert(alpha == dci.host("alpha") and alpha == dci.attach(alpha:address()))
    assert(alpha:describe().process ~= dci.host():describe().process)
    local remote = alpha:spawn("shard_executor", "mine", {model = model, layers = {1, 3}})
    assert(remote:request("load", {}, 30).loaded)
    local ring = dci.ring{model = model, stages = {
      {host = dci.host(), layers = {0, 1}}, {actor = remote, layers = {1, 3}},
      {host = alpha, layers = {3, 4}}}}
    for _, case in ipairs(golden.cases) do
      local answer = ring:generate{prompt_ids = case.prompt_ids, ignore_end = true,
                                   max_tokens = #case.generated_ids}
      assert(table.concat(answer.tokens, ",") == table.concat(case.generated_ids, ","))
    end
    assert(alpha:wait_event{name = "ring.3", what = "started"})
    ring:stop()
    assert(alpha:wait_event{name = "ring.3", what = "ended"})
    assert(remote:describe().sessions == 0)
    local process = alpha:describe().process
    d:stop()
    assert(not os.execute("kill -0 " .. process .. " 2>/dev/null"))
    local ok, err = pcall(alpha.describe, alpha)
    assert(not ok and err.code == "peer_lost", err)
    print("done")
  )");
  const auto ran = run_console(script.string() + " " + hosts);
  CAPTURE(ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out == "done\n");
}

TEST_CASE("rings of a topology file are the same objects") {
  const test::temporary_folder folder;
  const auto file = folder
                        .write("ring.toml", test::hosts_toml(1) + R"(
[[ring]]
name = "main"
model = ")" DCI_SOURCE_DIR R"(/tests/data/models/qwen2"
stages = [{ host = "alpha", layers = [0, 2] }, { host = "local", layers = [2, 4] }]
[[ring]]
name = "far"
placement = "alpha"
model = ")" DCI_SOURCE_DIR R"(/tests/data/models/qwen2"
stages = [{ host = "alpha", layers = [0, 4] }]
)")
                        .string();
  const auto ran = run_console("--topology " + file + " -e " + in_shell_quotes(R"(
    local d = dci.launched()
    assert(#d:rings() == 2)
    local ok, err = pcall(d.ring, d)
    assert(not ok and err.code == "not_found", err)
    local request = {prompt_ids = {3, 14, 15}, max_tokens = 8, ignore_end = true}
    local main, far = d:ring("main"):generate(request), d:ring("far"):generate(request)
    assert(table.concat(main.tokens, ",") == table.concat(far.tokens, ","))
    assert(d:host("alpha"):actor("far"):generate(request).text == far.text)
    -- Twice the same names in this process cannot be; the first launch lives on.
    ok, err = pcall(dci.launch, d:file(), 2)
    assert(not ok, "launched twice")
    assert(#d:ring("main"):generate(request).tokens == 8)
  )"));
  CAPTURE(ran.err);
  CHECK(ran.code == 0);
}

TEST_CASE("a console attaches to a running host") {
  const test::temporary_folder folder;
  const auto toml = test::hosts_toml(1);
  const auto file = folder.write("hosts.toml", toml).string();
  const auto begin = toml.find("127.0.0.1");
  const auto address = toml.substr(begin, toml.find('"', begin) - begin);
  const auto ran = run_console("--attach " + address + " -e " + in_shell_quotes(R"(
      local h = dci.attached()
      assert(h:name() == "alpha" and #dci.hosts() == 2)
      local p = h:spawn("partition_planner", "mine")
      assert(#p:request("plan", {layers = 4, nodes = {{id = "x", memory_bytes = 1}}}).stages == 1)
      print("attached")
    )") + "; code=$?; kill $host; exit $code",
                               DCI_BIN_DIR "/dci-runtime " + file + " --host alpha & host=$!;");
  CAPTURE(ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out == "attached\n");
}

TEST_CASE("a host that dies or freezes is an error that names it, soon, and no process stays") {
  const test::temporary_folder folder;
  for (const std::string signal : {"KILL", "STOP"}) {
    CAPTURE(signal);
    const auto file = folder.write(signal + ".toml", test::hosts_toml(1)).string();
    const auto script = folder.write(signal + ".lua", R"(
      local alpha = dci.launch(arg[1]):host("alpha")
      print(alpha:describe().process)
      os.execute("kill -" .. arg[2] .. " " .. alpha:describe().process)
      for i = 1, 1000 do alpha:describe() end
    )");
    const auto ran = run_console(script.string() + " " + file + " " + signal);
    CHECK(ran.code == 3);
    CHECK(contains(ran.err, "host alpha is lost: its process died or does not answer"));
    CHECK(ran.seconds < 12);
    REQUIRE(!ran.out.empty());
    const auto process = ran.out.substr(0, ran.out.size() - 1);
    CHECK(std::system(("kill -0 " + process + " 2>/dev/null").c_str()) != 0);
  }
}

} // namespace
} // namespace dci
