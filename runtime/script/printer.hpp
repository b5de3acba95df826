// Lua values as a person reads them.
#pragma once

#include <string>

#include "runtime/script/lua.hpp"

namespace dci {

/// Tables are written out, on one line where they fit; nested deeper than six
/// levels, and beyond a hundred items, they are cut short. Everything else is
/// as tostring has it. May call __tostring.
std::string format_value(lua_State* L, int index);

} // namespace dci
