#include <doctest/doctest.h>

#include "tests/script/support.hpp"

namespace dci {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Loads the small model's golden file as the Lua table `golden`.
constexpr const char* read_golden_file = R"(
  model = ")" DCI_SOURCE_DIR R"(/tests/data/models/qwen2"
  local file <close> = assert(io.open(model .. "/golden.json"))
  golden = dci.from_json(file:read("a"))
  function same(a, b)
    return table.concat(a, ",") == table.concat(b, ",")
  end
)";

TEST_CASE("every registered type is listed with its settings and messages") {
  test::scripted lua;
  for (const auto& type : builtin_actor_types()->types()) {
    CAPTURE(type.name);
    lua.run("found = nil for _, t in ipairs(dci.types()) do if t.name == '" + type.name +
            "' then found = t end end");
    CHECK(lua.value("found.doc") == type.doc);
    CHECK(lua.value("#found.requests") == type.requests.size());
    CHECK(lua.value("found.spawnable") == static_cast<bool>(type.spawn));
  }
}

TEST_CASE("a planner is spawned by name and asked for a plan") {
  test::scripted lua;
  lua.run("p = dci.host():spawn('partition_planner', 'p')");
  CHECK(lua.value("tostring(p)") == "partition_planner \"p\" on host local");
  CHECK(lua.value("p:name()") == "p");
  CHECK(lua.value("p:type()") == "partition_planner");
  CHECK(lua.value("p:host() == dci.host()") == true);
  CHECK(lua.value("p == dci.host():actor('p')") == true);
  CHECK(lua.value("p:requests()[1].name") == "plan_request");
  const auto plan = lua.value(R"(p:request("plan", {layers = 6, nodes = {
    {id = "a", memory_bytes = 1000}, {id = "b", memory_bytes = 2000}}}).stages)");
  CHECK(plan == json::parse(R"([{"id":"a","layers":[0,2]},{"id":"b","layers":[2,6]}])"));
}

TEST_CASE("failures are error objects that say what to do") {
  test::scripted lua;
  lua.run("h = dci.host() p = h:spawn('partition_planner', 'p')");
  CHECK(contains(lua.failure("h:spawn('no_such_type', 'x')"), "not_found: host local knows no"));
  CHECK(contains(lua.failure("h:spawn('partition_planner', 'p')"), "already_exists: "));
  CHECK(contains(lua.failure("h:spawn('shard_executor', 'x', {modle = 'm'})"),
                 "did you mean \"model\"?"));
  CHECK(contains(lua.failure("h:actor('nobody')"), "not_found: "));
  CHECK(contains(lua.failure("p:request('plan', {layers = 6.0, nodes = {}})"),
                 "plan_request/layers: must be an integer"));
  CHECK(contains(lua.failure("p:request('plan', {layers = 6, nodes = {}, extra = 1})"),
                 "bad_request: partition_planner \"p\" on host local: "));
  CHECK(contains(lua.failure("p:request('fly')"), "with an answer: plan_request"));
  CHECK(contains(lua.failure("p:send('plan', {})"), "use actor:request"));
  CHECK(contains(lua.failure("p:describe()"), "describe_request"));
  CHECK(contains(lua.failure("p:request('plan', {nodes = {0/0}})"), "fields.nodes[1] is not a"));
  CHECK(contains(lua.failure("p:request('plan', {}, -1)"), "must be seconds"));
  CHECK(contains(lua.failure("dci.host('mars')"), "there are: local"));
  CHECK(contains(lua.failure("dci.attach('nonsense')"), "bad_config: "));
  CHECK(contains(lua.failure("dci.attach('127.0.0.1:1', 0.2)"), "unreachable: "));
  CHECK(contains(lua.failure("dci.attach('10.0.0.1:4701', 0.2)"), "unsupported: "));
  CHECK(contains(lua.failure("dci.from_json('{')"), "bad_request: "));
}

TEST_CASE("an error object has a place, and reads as text") {
  test::scripted lua;
  lua.run("ok, err = pcall(function() dci.host():actor('nobody') end)");
  CHECK(lua.value("ok") == false);
  CHECK(lua.value("err.code") == "not_found");
  CHECK(lua.value("tostring(err)") == "test:1: " + lua.value("err.message").get<std::string>());
  CHECK(contains(lua.value("'oh: ' .. err").get<std::string>(), "oh: test:1: host local"));
}

TEST_CASE("an actor that is gone says so") {
  test::scripted lua;
  lua.run("p = dci.host():spawn('partition_planner', 'p') p:stop()");
  CHECK(contains(lua.failure("p:request('plan', {layers = 1, nodes = {}})"),
                 "peer_lost: partition_planner \"p\" on host local: it is gone"));
  CHECK(contains(lua.failure("p:stop()"), "not_found: "));
  // Another one of that name is another actor.
  lua.run("q = dci.host():spawn('partition_planner', 'p')");
  CHECK(lua.value("p == q") == false);
  CHECK(contains(lua.failure("p:stop()"), "is gone"));
  CHECK(lua.value("dci.host():actor('p') == q") == true);
}

TEST_CASE("events are collected, waited for and handed to watch functions") {
  test::scripted lua;
  lua.run(R"(
    h = dci.host()
    h:events()
    seen = {}
    h:watch(function(event) seen[#seen + 1] = event.name .. " " .. event.what end)
    p = h:spawn("partition_planner", "p")
    started = h:wait_event{name = "p", what = "started", timeout = 5}
    p:stop()
    ended = h:wait_event{name = "p", what = "ended", timeout = 5}
  )");
  CHECK(lua.value("started.type") == "partition_planner");
  CHECK(lua.value("ended.reason") == "stopped");
  CHECK(lua.value("seen") == json::array({"p started", "p ended"}));
  CHECK(lua.value("h:events()") == json::array());
  CHECK(contains(lua.failure("h:wait_event{name = 'p', timeout = 0.05}"), "timed_out: "));
  CHECK(contains(lua.failure("h:wait_event{nmae = 'p'}"), "did you mean \"name\"?"));
  lua.run("h:unwatch() h:spawn('partition_planner', 'q') h:wait_event{name = 'q'}");
  CHECK(lua.value("#seen") == 2);
}

TEST_CASE("a watch function may fail, and may not wait") {
  test::scripted lua;
  lua.run(R"(
    h = dci.host()
    calls = 0
    h:watch(function() calls = calls + 1 error("no more") end)
    h:watch(function() ok, err = pcall(dci.sleep, 0.01) end)
    h:spawn("partition_planner", "p")
    h:spawn("partition_planner", "q")
    h:wait_event{name = "q", timeout = 5}
  )");
  CHECK(lua.value("calls") == 1);
  CHECK(lua.value("err.message") == "a watch function cannot wait");
}

TEST_CASE("a ring of two local stages generates exactly the golden tokens") {
  test::scripted lua;
  lua.run(read_golden_file);
  lua.run(R"(
    local here = dci.host()
    ring = dci.ring{name = "r", model = model, stages = {
      {host = here, layers = {0, 1}}, {host = "local", layers = {1, 4}}}}
    exact = 0
    for _, case in ipairs(golden.cases) do
      local texts = 0
      local answer = ring:generate{prompt_ids = case.prompt_ids, ignore_end = true,
        max_tokens = #case.generated_ids, stream = function() texts = texts + 1 end}
      if same(answer.tokens, case.generated_ids) and texts == #answer.tokens then
        exact = exact + 1
      end
    end
  )");
  CHECK(lua.value("exact") == lua.value("#golden.cases"));
  CHECK(lua.value("ring:describe().stages[2].layers") == json::array({1, 4}));
  CHECK(lua.value("ring:type()") == "ring");
  // A ring is an actor; its stages end with it.
  lua.run("ring:stop() dci.host():wait_event{name = 'r.2', what = 'ended', timeout = 5}");
}

TEST_CASE("the planner cuts a ring with stages = auto") {
  test::scripted lua;
  lua.run(read_golden_file);
  CHECK(lua.value("dci.ring{model = model, stages = 'auto'}:describe().stages[1].layers") ==
        json::array({0, 4}));
  CHECK(lua.value("dci.ring{model = model, stages = 'auto', hosts = {dci.host()}}:name()") ==
        "ring2");
}

TEST_CASE("a ring that cannot be leaves nothing behind") {
  test::scripted lua;
  lua.run(read_golden_file);
  const std::string bad = "dci.ring{name = 'r', model = model, stages = {{host = 'local', layers = "
                          "{0, 3}}}}";
  CHECK(contains(lua.failure(bad), "no stage holds layers [3, 4)"));
  CHECK(contains(lua.failure(bad), "no stage holds layers [3, 4)"));
  CHECK(contains(lua.failure("dci.ring{model = 'nowhere', stages = 'auto'}"), "bad_file: "));
  CHECK(contains(lua.failure("dci.ring{model = model, stages = {{hots = 'local'}}}"),
                 "did you mean \"host\"?"));
  CHECK(contains(lua.failure("dci.ring{model = model, stages = {5}}"), "ring.stages[1] must be"));
  CHECK(contains(lua.failure("dci.ring{model = model}"), "ring.stages must be a list"));
  CHECK(contains(lua.failure("dci.ring{model = model, stages = {}, contxt = 1}"),
                 "did you mean \"context\"?"));
  CHECK(lua.value("#dci.host():actors()") == 2); // its planner and its profiler
}

TEST_CASE("a stream function can end an answer, and its error is the caller's") {
  test::scripted lua;
  lua.run(read_golden_file);
  lua.run(R"(
    ring = dci.ring{model = model, stages = "auto"}
    local count = 0
    answer = ring:generate{prompt_ids = {3, 14, 15}, max_tokens = 100, ignore_end = true,
      stream = function() count = count + 1 return count < 3 end}
  )");
  CHECK(lua.value("answer.finish") == "cancelled");
  CHECK(lua.value("#answer.tokens >= 3 and #answer.tokens < 100") == true);
  CHECK(contains(lua.failure(R"(ring:generate{prompt_ids = {3, 14}, max_tokens = 100,
    stream = function() error("enough") end})"),
                 "enough"));
  CHECK(contains(lua.failure("ring:generate{prompt_ids = {3}, stop = 5}"), "generate/stop: "));
  CHECK(contains(lua.failure("ring:generate{prompt_ids = {3}, temperature = 'hot'}"),
                 "generate/sampling/temperature: must be a number"));
  CHECK(contains(lua.failure("ring:generate{prompt = 'x'}"), "has no tokenizer"));
  // The ring is still whole.
  CHECK(lua.value("#ring:generate{prompt_ids = {3}, max_tokens = 2, ignore_end = true}.tokens") ==
        2);
}

TEST_CASE("Ctrl-C ends loops, waits and answers") {
  test::scripted lua;
  lua.run(read_golden_file);
  lua.run("ring = dci.ring{model = model, stages = 'auto'}");
  for (const std::string code :
       {"while true do end", "coroutine.wrap(function() while true do end end)()", "dci.sleep(60)",
        "dci.host():wait_event{name = 'nobody', timeout = 60}",
        "while true do pcall(dci.sleep, 60) end",
        "ring:generate{prompt_ids = {1}, max_tokens = 120, ignore_end = true, stream = function() "
        "dci.sleep(10) end}"}) {
    CAPTURE(code);
    std::thread key([] {
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
      want_interrupt();
    });
    const auto start = std::chrono::steady_clock::now();
    const auto failed = lua.lua().run_code(code, "=test");
    key.join();
    clear_interrupt();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
    REQUIRE(failed);
    CHECK(contains(failed->text, "interrupted"));
    CHECK(failed->exit_code == exit_code(errc::cancelled));
  }
}

} // namespace
} // namespace dci
