// What a person at the terminal meets: completion, printing, history, chunks of
// several lines.
#include <doctest/doctest.h>

#include "runtime/script/completion.hpp"
#include "runtime/script/history.hpp"
#include "runtime/script/printer.hpp"
#include "tests/script/support.hpp"

namespace dci {
namespace {

using names = std::vector<std::string>;

TEST_CASE("names are completed: globals, keywords, fields, methods") {
  test::scripted lua;
  lua.run("h = dci.host() box = {inner = {leaf = 1, leaves = {}}} word = 'x'");
  const auto all = [&](const std::string& line) { return complete(lua.lua().state(), line).names; };
  CHECK(all("dci.la") == names{"launch", "launched"});
  CHECK(all("h:spa") == names{"spawn"});
  CHECK(all("print(box.inner.lea") == names{"leaf", "leaves"});
  CHECK(all("x = tostri") == names{"tostring"});
  CHECK(all("whi") == names{"while"});
  CHECK(all("word:rep") == names{"rep"});
  CHECK(all("a .. wor") == names{"word"});
  CHECK(all("a ..wor") == names{"word"});
  CHECK(all("dci.host():spa") == names{"spawn"});
  CHECK(all("nothing.at.all.x").empty());
  CHECK(all("box.inner.leaf.x").empty());
  CHECK(complete(lua.lua().state(), "dci.la").begun == 2);
  CHECK(lua_gettop(lua.lua().state()) == 0);
}

TEST_CASE("completion runs no code") {
  test::scripted lua;
  lua.run("called = false t = setmetatable({}, {__index = function() called = true end})");
  complete(lua.lua().state(), "t.some.thing");
  CHECK(lua.value("called") == false);
}

TEST_CASE("values are printed for people") {
  test::scripted lua;
  const auto text = [&](const std::string& value) {
    return lua.value("dci.format(" + value + ")").get<std::string>();
  };
  CHECK(text("'plain'") == "plain");
  CHECK(text("{}") == "{}");
  CHECK(text("{1, 2.5, 'a\\n\"b', true, dci.null}") == "{1, 2.5, \"a\\n\\\"b\", true, dci.null}");
  CHECK(text("{b = 1, a = {2}, ['x y'] = 3}") == "{[\"x y\"] = 3, a = {2}, b = 1}");
  CHECK(text("{dci.host()}") == "{host local (this process)}");
  CHECK(text("(function() local t = {} t.t = t return t end)()") == "{t = <itself>}");
  CHECK(text("{{{{{{{{1}}}}}}}}") == "{{{{{{{...}}}}}}}");
  CHECK(text("{('x'):rep(60), ('y'):rep(60)}") ==
        "{\n  \"" + std::string(60, 'x') + "\",\n  \"" + std::string(60, 'y') + "\"\n}");
  const auto many = text("(function() local t = {} for i = 1, 150 do t[i] = i end return t end)()");
  CHECK(many.find("... 50 more") != std::string::npos);
}

TEST_CASE("unfinished chunks wait for more lines") {
  test::scripted lua;
  for (const auto* code :
       {"for i = 1, 3 do", "f = function()", "x = {", "if true then", "x =", "print(", "s = [[a"}) {
    CAPTURE(code);
    CHECK(lua.lua().is_incomplete(code));
  }
  for (const auto* code : {"1 + 1", "x = 1", "for", "x = = 1", "end", "", "print(1))"}) {
    CAPTURE(code);
    const bool waits = std::string{code} == "for";
    CHECK(lua.lua().is_incomplete(code) == waits);
  }
}

TEST_CASE("help knows every function and type") {
  test::scripted lua;
  for (const auto& section : api_sections()) {
    lua.run("help('" + std::string{section.name} + "')");
    for (const auto& entry : section.entries) {
      CAPTURE(std::string{entry.signature});
      lua.run("help('" + std::string{entry.name()} + "')");
      CHECK(!entry.doc.empty());
    }
  }
  lua.run("help() help(dci) help(dci.host()) help(dci.host():actor('planner'))");
  CHECK(lua.failure("help('nonsense')").find("try help()") != std::string::npos);
}

TEST_CASE("history is kept in a file of its owner's, shared and short") {
  const test::temporary_folder folder;
  const auto file = folder.path() / "state/dci/history";
  history_log first(file);
  CHECK(first.lines().empty());
  first.add("one");
  history_log second(file);
  CHECK(second.lines() == names{"one"});
  second.add("two");
  first.add("three");
  CHECK(history_log(file).lines() == names{"one", "two", "three"});
  using std::filesystem::perms;
  CHECK((std::filesystem::status(file).permissions() & perms::all) ==
        (perms::owner_read | perms::owner_write));
  for (std::size_t i = 0; i < 3 * history_log::capacity; ++i)
    first.add("line " + std::to_string(i));
  CHECK(history_log(file).lines().size() == history_log::capacity);
  CHECK(history_log(file).lines().back() ==
        "line " + std::to_string(3 * history_log::capacity - 1));
  // Nowhere to write is no error.
  history_log nowhere("/proc/none/history");
  nowhere.add("x");
  history_log none("");
  none.add("x");
}

} // namespace
} // namespace dci
