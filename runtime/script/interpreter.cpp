#include "runtime/script/interpreter.hpp"

#include <cstdio>
#include <stdexcept>

#include "runtime/script/events.hpp"
#include "runtime/script/printer.hpp"

namespace dci {
namespace {

constexpr int instructions_between_looks = 1000;
constexpr const char* typed_chunk = "=console";

void look_for_stop(lua_State* L, lua_Debug*) {
  if (stop_wanted())
    raise(L, {errc::cancelled, "interrupted"});
}

/// os.exit: ends the program in order, so that what it started is stopped.
int exit_program(lua_State* L) {
  const auto code =
      lua_isboolean(L, 1) ? (lua_toboolean(L, 1) == 1 ? 0 : 1) : luaL_optinteger(L, 1, 0);
  context_of(L).exit_code = static_cast<int>(code & 0xff);
  want_end();
  raise(L, {errc::cancelled, "the script called os.exit"});
}

void register_api(lua_State* L) {
  luaL_openlibs(L);
  register_errors(L);
  register_objects(L);
  lua_newtable(L);
  for (const auto& entry : dci_functions()) {
    push_text(L, entry.name());
    lua_pushcfunction(L, entry.function);
    lua_rawset(L, -3);
  }
  push_null(L);
  lua_setfield(L, -2, "null");
  lua_setglobal(L, "dci");
  lua_pushcfunction(L, guarded<api_help>);
  lua_setglobal(L, "help");
  lua_getglobal(L, "os");
  lua_pushcfunction(L, guarded<exit_program>);
  lua_setfield(L, -2, "exit");
  lua_pop(L, 1);
}

bool load(lua_State* L, const std::string& code, const char* name, int& status) {
  status = luaL_loadbufferx(L, code.data(), code.size(), name, "t");
  return status == LUA_OK;
}

} // namespace

interpreter::interpreter(session& console)
    : context_(std::make_unique<script_context>(console)), lua_(luaL_newstate()) {
  auto* L = lua_.get();
  if (L == nullptr)
    throw std::bad_alloc();
  *static_cast<script_context**>(lua_getextraspace(L)) = context_.get();
  // Coroutines inherit the hook, so that Ctrl-C reaches them too.
  lua_sethook(L, look_for_stop, LUA_MASKCOUNT, instructions_between_looks);
  lua_pushcfunction(L, [](lua_State* l) {
    register_api(l);
    return 0;
  });
  if (lua_pcall(L, 0, 0, 0) != LUA_OK)
    throw std::runtime_error(pop_fault(L).text);
}

run_outcome interpreter::run(int arguments, int results) {
  auto* L = lua_.get();
  const bool failed = lua_pcall(L, arguments, results, 0) != LUA_OK;
  if (context_->exit_code) {
    lua_settop(L, 0);
    return {};
  }
  if (failed)
    return pop_fault(L);
  return {};
}

/// The error of a chunk that did not load, from the top of the stack.
run_outcome interpreter::bad_chunk(int status) {
  auto out = pop_fault(lua_.get());
  out.exit_code = exit_code(status == LUA_ERRFILE ? errc::bad_file : errc::usage);
  return out;
}

run_outcome interpreter::run_file(const std::string& path,
                                  const std::vector<std::string>& arguments) {
  auto* L = lua_.get();
  const bool from_input = path == "-";
  if (const auto status = luaL_loadfilex(L, from_input ? nullptr : path.c_str(), "t");
      status != LUA_OK)
    return bad_chunk(status);
  if (!lua_checkstack(L, static_cast<int>(arguments.size()) + 8)) {
    lua_settop(L, 0);
    return fault{"too many arguments for " + path, exit_code(errc::usage)};
  }
  lua_newtable(L);
  push_text(L, path);
  lua_rawseti(L, -2, 0);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    push_text(L, arguments[i]);
    lua_rawseti(L, -2, static_cast<lua_Integer>(i + 1));
  }
  lua_setglobal(L, "arg");
  for (const auto& argument : arguments)
    push_text(L, argument);
  return run(static_cast<int>(arguments.size()), 0);
}

run_outcome interpreter::run_code(const std::string& code, const std::string& name) {
  int status = LUA_OK;
  if (!load(lua_.get(), code, name.c_str(), status))
    return bad_chunk(status);
  return run(0, 0);
}

bool interpreter::is_incomplete(const std::string& lines) {
  auto* L = lua_.get();
  int status = LUA_OK;
  const bool whole =
      load(L, "return " + lines, typed_chunk, status) || load(L, lines, typed_chunk, status);
  // Lua names the place of a syntax error; at the end it is <eof>.
  const bool more = !whole && status == LUA_ERRSYNTAX && text_at(L, -1).ends_with("<eof>");
  lua_settop(L, 0);
  return more;
}

run_outcome interpreter::run_typed(const std::string& lines) {
  auto* L = lua_.get();
  int status = LUA_OK;
  if (!load(L, "return " + lines, typed_chunk, status)) {
    lua_pop(L, 1);
    if (!load(L, lines, typed_chunk, status))
      return bad_chunk(status);
  }
  if (auto failed = run(0, LUA_MULTRET))
    return failed;
  const int count = lua_gettop(L);
  if (count == 0)
    return {};
  // Values are written by Lua code too (__tostring), which may fail.
  lua_pushcfunction(L, [](lua_State* l) {
    for (int i = 1; i <= lua_gettop(l); ++i) {
      const auto text = format_value(l, i);
      std::fputs(i > 1 ? "\t" : "", stdout);
      std::fwrite(text.data(), 1, text.size(), stdout);
    }
    std::fputs("\n", stdout);
    return 0;
  });
  lua_insert(L, 1);
  return run(count, 0);
}

} // namespace dci
