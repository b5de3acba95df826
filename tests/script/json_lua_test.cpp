#include <doctest/doctest.h>

#include "runtime/script/json_lua.hpp"

namespace dci {
namespace {

class lua_values {
 public:
  lua_values() : L(luaL_newstate()) {
    luaL_openlibs(L);
    register_errors(L);
  }
  ~lua_values() {
    lua_close(L);
  }
  lua_values(const lua_values&) = delete;
  lua_values& operator=(const lua_values&) = delete;

  /// The value of a chunk as JSON.
  expected<json> read(const std::string& chunk) {
    push_null(L);
    lua_setglobal(L, "null");
    REQUIRE(luaL_dostring(L, chunk.c_str()) == LUA_OK);
    auto out = lua_to_json(L, -1, "value");
    lua_settop(L, 0);
    return out;
  }

  std::string refusal(const std::string& chunk) {
    const auto out = read(chunk);
    REQUIRE(!out);
    CHECK(out.error().code == errc::bad_request);
    return out.error().message;
  }

  /// What a Lua expression of the value v is, as text.
  std::string text_of(const json& v, const std::string& expression) {
    push_null(L);
    lua_setglobal(L, "null");
    push_json(L, v);
    lua_setglobal(L, "v");
    REQUIRE(luaL_dostring(L, ("return tostring(" + expression + ")").c_str()) == LUA_OK);
    std::string out{text_at(L, -1)};
    lua_settop(L, 0);
    return out;
  }

  lua_State* L;
};

TEST_CASE("Lua values become the JSON that people mean") {
  lua_values lua;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"return nil", "null"},
      {"return null", "null"},
      {"return true", "true"},
      {"return 3", "3"},
      {"return 3.0", "3.0"},
      {"return -9223372036854775807 - 1", "-9223372036854775808"},
      {"return 0.5", "0.5"},
      {"return 'caf\\u{e9}'", "\"café\""},
      {"return {}", "[]"},
      {"return {1, 2, 3}", "[1,2,3]"},
      {"return {1, null, 3}", "[1,null,3]"},
      {"return {a = 1, b = {c = {}}}", R"({"a":1,"b":{"c":[]}})"},
      {"return {{layers = {0, 2}}, {layers = {2, 4}}}", R"([{"layers":[0,2]},{"layers":[2,4]}])"},
  };
  for (const auto& [chunk, wanted] : cases) {
    CAPTURE(chunk);
    const auto got = lua.read(chunk);
    REQUIRE(got);
    CHECK(got->dump() == wanted);
  }
}

TEST_CASE("an integer stays one and a float stays one") {
  lua_values lua;
  CHECK(lua.read("return 3")->is_number_integer());
  CHECK(lua.read("return 3.0")->is_number_float());
  CHECK(lua.read("return 10 / 2")->is_number_float());
  CHECK(lua.read("return 10 // 2")->is_number_integer());
}

TEST_CASE("what has no JSON is refused, naming the place") {
  lua_values lua;
  CHECK(lua.refusal("return 0 / 0") == "value is not a finite number");
  CHECK(lua.refusal("return {a = {1, math.huge}}") == "value.a[2] is not a finite number");
  CHECK(lua.refusal("return {prompt = 'ab\\xff'}") == "value.prompt is not UTF-8: byte 3 is wrong");
  CHECK(lua.refusal("return {['\\xff'] = 1}") == "a key of value is not UTF-8: byte 1 is wrong");
  CHECK(lua.refusal("return {f = print}") == "value.f is a function, which cannot be sent");
  CHECK(lua.refusal("return {io.stdout}") == "value[1] is a userdata, which cannot be sent");
  CHECK(lua.refusal("return {1, 2, x = 3}") == "value has list items and also the key \"x\"");
  CHECK(lua.refusal("return {1, nil, 3}").find("holes") != std::string::npos);
  CHECK(lua.refusal("return {[true] = 1}").find("of type boolean") != std::string::npos);
  CHECK(lua.refusal("return {[1.5] = 1}").find("1.5") != std::string::npos);
  CHECK(lua.refusal("return {[7] = 1}").find("7") != std::string::npos);
}

TEST_CASE("cycles, depth and shared parts end in an error, not in a hang") {
  lua_values lua;
  CHECK(lua.refusal("local t = {}; t.me = t; return t") == "value.me contains itself");
  CHECK(lua.refusal("local t = {} for i = 1, 100 do t = {t} end return t").find("deeper than 64") !=
        std::string::npos);
  CHECK(lua.read("local t = {} for i = 1, 60 do t = {t} end return t"));
  CHECK(lua.refusal("local t = {1} for i = 1, 40 do t = {t, t} end return t")
            .find("1000000 values") != std::string::npos);
  // The same table twice is no cycle.
  CHECK(lua.read("local t = {1}; return {t, t}")->dump() == "[[1],[1]]");
}

TEST_CASE("JSON becomes Lua values") {
  lua_values lua;
  CHECK(lua.text_of(3, "math.type(v)") == "integer");
  CHECK(lua.text_of(3.0, "math.type(v)") == "float");
  CHECK(lua.text_of(std::uint64_t{18446744073709551615u}, "math.type(v)") == "float");
  CHECK(lua.text_of(std::uint64_t{9223372036854775807u}, "v") == "9223372036854775807");
  CHECK(lua.text_of("café", "v") == "café");
  CHECK(lua.text_of(nullptr, "v == null") == "true");
  CHECK(lua.text_of(json::parse(R"({"a":null,"b":1})"), "v.a") == "nil");
  CHECK(lua.text_of(json::parse("[1,null,3]"), "#v") == "3");
  CHECK(lua.text_of(json::parse("[1,null,3]"), "v[2] == null") == "true");
}

TEST_CASE("values go there and back") {
  lua_values lua;
  const auto before = json::parse(R"({"list":[1,2.5,"x",[true]],"text":"\u0001\n","n":{"m":-1}})");
  push_json(lua.L, before);
  const auto after = lua_to_json(lua.L, -1, "value");
  REQUIRE(after);
  CHECK(*after == before);
}

TEST_CASE("JSON nested too deeply raises an error object") {
  lua_values lua;
  json deep = 1;
  for (int i = 0; i < 1000; ++i)
    deep = json::array({std::move(deep)});
  lua_pushcfunction(lua.L, [](lua_State* L) {
    push_json(L, *static_cast<const json*>(lua_touserdata(L, 1)));
    return 1;
  });
  lua_pushlightuserdata(lua.L, &deep);
  REQUIRE(lua_pcall(lua.L, 1, 1, 0) == LUA_ERRRUN);
  const auto failed = pop_fault(lua.L);
  CHECK(failed.text.find("deeper than 64") != std::string::npos);
  CHECK(failed.exit_code == exit_code(errc::bad_request));
}

} // namespace
} // namespace dci
