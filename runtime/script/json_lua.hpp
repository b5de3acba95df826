// Lua values as JSON and back.
//
//   Lua                               JSON
//   nil (as a whole), dci.null        null
//   boolean, string in UTF-8          the same
//   integer, float                    an integer, a number with a fraction
//   table with keys 1..n              a list
//   empty table                       an empty list (which settings and
//                                     requests accept as an empty table)
//   table with string keys            a table
//
// On the way back a null in a table is left out and one in a list is dci.null;
// an integer beyond Lua's 64 signed bits becomes a float.
#pragma once

#include "runtime/base/json_codec.hpp"
#include "runtime/script/lua.hpp"

namespace dci {

/// Deeper nesting is refused.
inline constexpr int max_lua_depth = 64;
/// More values are refused: tables that share parts can grow without bound.
inline constexpr std::size_t max_lua_values = 1'000'000;

/// what: the value's name in messages. Errors: bad_request for a cycle, NaN or
/// infinity, a function, bytes that are not UTF-8, a table that is neither a
/// list nor has names only.
expected<json> lua_to_json(lua_State* L, int index, const std::string& what);

/// Pushes one value. Raises a Lua error when it is nested too deeply.
void push_json(lua_State* L, const json& value);

/// Pushes dci.null.
void push_null(lua_State* L);

} // namespace dci
