#include "runtime/script/lua.hpp"

namespace dci {
namespace {

constexpr const char* error_type = "dci.error";

std::string field_text(lua_State* L, int table, const char* key) {
  lua_getfield(L, table, key);
  std::string out{text_at(L, -1)};
  lua_pop(L, 1);
  return out;
}

/// Whether the value was made by raise().
bool is_error_object(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || lua_getmetatable(L, index) == 0)
    return false;
  luaL_getmetatable(L, error_type);
  const bool same = lua_rawequal(L, -1, -2) == 1;
  lua_pop(L, 2);
  return same;
}

int error_to_text(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  push_text(L, field_text(L, 1, "where") + field_text(L, 1, "message"));
  return 1;
}

/// So that "text: " .. err works as it does with Lua's own errors.
int error_concat(lua_State* L) {
  luaL_tolstring(L, 1, nullptr);
  luaL_tolstring(L, 2, nullptr);
  lua_concat(L, 2);
  return 1;
}

} // namespace

void raise(lua_State* L, const error& e) {
  lua_createtable(L, 0, 3);
  push_text(L, to_string(e.code));
  lua_setfield(L, -2, "code");
  push_text(L, e.message);
  lua_setfield(L, -2, "message");
  luaL_where(L, 1);
  lua_setfield(L, -2, "where");
  luaL_setmetatable(L, error_type);
  lua_error(L);
  std::terminate(); // lua_error does not return, but is not declared so
}

fault pop_fault(lua_State* L) {
  fault out;
  if (is_error_object(L, -1))
    out.exit_code = exit_code(errc_from_string(field_text(L, lua_gettop(L), "code")));
  // A __tostring of the script's own may itself fail.
  lua_pushcfunction(L, [](lua_State* l) {
    luaL_tolstring(l, 1, nullptr);
    return 1;
  });
  lua_insert(L, -2);
  lua_pcall(L, 1, 1, 0);
  const auto text = text_at(L, -1);
  out.text = text.empty() ? "an error without a text" : std::string{text};
  lua_pop(L, 1);
  return out;
}

void register_errors(lua_State* L) {
  luaL_newmetatable(L, error_type);
  lua_pushcfunction(L, guarded<error_to_text>);
  lua_setfield(L, -2, "__tostring");
  lua_pushcfunction(L, guarded<error_concat>);
  lua_setfield(L, -2, "__concat");
  lua_pop(L, 1);
}

} // namespace dci
