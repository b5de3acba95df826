// What a name that was begun could become.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/script/lua.hpp"

namespace dci {

struct completion {
  std::size_t begun = 0;          ///< characters of the name that are there already
  std::vector<std::string> names; ///< whole names, sorted
};

/// line: up to the cursor. Knows globals and keywords, the fields of tables and
/// the methods of objects (a.b.c, a.b:c); after a call, the methods of all
/// objects. Runs no Lua code.
completion complete(lua_State* L, std::string_view line);

} // namespace dci
