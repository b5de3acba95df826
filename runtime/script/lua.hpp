// Lua as the console uses it: the library's C++ build, whose errors are C++
// exceptions and run the destructors they pass. Never write catch (...) around
// calls into Lua: it would swallow them.
#pragma once

#include <lua.hpp>

#include <exception>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

namespace dci {

inline void push_text(lua_State* L, std::string_view text) {
  lua_pushlstring(L, text.data(), text.size());
}

/// The string at an index; empty when it is none. Valid while it is on the stack.
inline std::string_view text_at(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TSTRING)
    return {};
  std::size_t size = 0;
  const auto* text = lua_tolstring(L, index, &size);
  return {text, size};
}

inline std::string check_text(lua_State* L, int argument) {
  std::size_t size = 0;
  const auto* text = luaL_checklstring(L, argument, &size);
  return {text, size};
}

/// Raises a Lua error object: a table with code (errc's name), message and
/// where ("script.lua:3:"); tostring gives where and message in one line.
[[noreturn]] void raise(lua_State* L, const error& e);

template <class T>
T value_or_raise(lua_State* L, expected<T> outcome) {
  if (!outcome)
    raise(L, outcome.error());
  if constexpr (!std::is_void_v<T>)
    return std::move(*outcome);
}

/// What an uncaught error means for whoever ran the program.
struct fault {
  std::string text; ///< one line
  int exit_code = 1;
};

/// Reads the error value on top of the stack and pops it.
fault pop_fault(lua_State* L);

/// Makes the metatable of error objects.
void register_errors(lua_State* L);

/// A function for Lua that turns C++ exceptions into Lua errors.
template <lua_CFunction Function>
int guarded(lua_State* L) {
  try {
    return Function(L);
  } catch (const std::exception& e) {
    raise(L, {errc::internal, e.what()});
  }
}

} // namespace dci
