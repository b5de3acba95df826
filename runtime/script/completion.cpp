#include "runtime/script/completion.hpp"

#include <algorithm>
#include <set>

#include "runtime/script/context.hpp"

namespace dci {
namespace {

constexpr std::string_view keywords[] = {"and",   "break", "do",       "else", "elseif", "end",
                                         "false", "for",   "function", "goto", "if",     "in",
                                         "local", "nil",   "not",      "or",   "repeat", "return",
                                         "then",  "true",  "until",    "while"};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The name that ends at `end`.
std::string_view name_before(std::string_view line, std::size_t end) {
  auto begin = end;
  while (begin > 0 && is_name_char(line[begin - 1]))
    --begin;
  return line.substr(begin, end - begin);
}

void add(std::set<std::string>& out, std::string_view name, std::string_view begun) {
  if (name.starts_with(begun))
    out.emplace(name);
}

/// The keys of a table that are names; functions only after a colon.
void add_keys(lua_State* L, int table, std::string_view begun, bool methods,
              std::set<std::string>& out) {
  table = lua_absindex(L, table);
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
    const auto key = text_at(L, -2);
    if (!key.empty() && std::all_of(key.begin(), key.end(), is_name_char) &&
        (!methods || lua_isfunction(L, -1)))
      add(out, key, begun);
  }
}

/// The fields of the value on top: its own, and those of __index tables.
void add_fields(lua_State* L, std::string_view begun, bool methods, std::set<std::string>& out) {
  constexpr int max_chain = 8;
  for (int i = 0; i < max_chain; ++i) {
    if (lua_istable(L, -1))
      add_keys(L, -1, begun, methods, out);
    if (lua_getmetatable(L, -1) == 0)
      return;
    lua_pushliteral(L, "__index");
    lua_rawget(L, -2);
    if (!lua_istable(L, -1))
      return;
  }
}

/// Replaces the value on top by its field; false if there is none that can be
/// read without running code.
bool step_into(lua_State* L, std::string_view name) {
  if (!lua_istable(L, -1))
    return false;
  push_text(L, name);
  lua_rawget(L, -2);
  return !lua_isnil(L, -1);
}

/// Pushes the value of "a.b.c", which ends at `end`; false if it is not one.
bool push_value_of(lua_State* L, std::string_view line, std::size_t end) {
  std::vector<std::string_view> path;
  for (;;) {
    const auto name = name_before(line, end);
    if (name.empty())
      return false;
    path.insert(path.begin(), name);
    end -= name.size();
    if (end == 0 || line[end - 1] != '.')
      break;
    --end;
  }
  // A colon, a call or an index before it: not a plain path.
  if (end > 0 && std::string_view{":)]\"'"}.find(line[end - 1]) != std::string_view::npos)
    return false;
  lua_pushglobaltable(L);
  return std::all_of(path.begin(), path.end(), [&](auto name) { return step_into(L, name); });
}

std::set<std::string> find_names(lua_State* L, std::string_view line, std::string_view begun) {
  std::set<std::string> out;
  const auto before = line.size() - begun.size();
  const bool after_dots = line.substr(0, before).ends_with("..");
  const char mark = before > 0 && !after_dots ? line[before - 1] : ' ';
  if (mark != '.' && mark != ':') {
    lua_pushglobaltable(L);
    add_keys(L, -1, begun, false, out);
    for (const auto word : keywords)
      add(out, word, begun);
  } else if (push_value_of(L, line, before - 1)) {
    add_fields(L, begun, mark == ':', out);
  } else if (mark == ':' && before > 1 && line[before - 2] == ')') {
    for (const auto& section : api_sections())
      if (section.name != "dci")
        for (const auto& entry : section.entries)
          add(out, entry.name(), begun);
  }
  return out;
}

} // namespace

completion complete(lua_State* L, std::string_view line) {
  const auto begun = name_before(line, line.size());
  const auto top = lua_gettop(L);
  const auto names = lua_checkstack(L, 64) ? find_names(L, line, begun) : std::set<std::string>{};
  lua_settop(L, top);
  return {begun.size(), {names.begin(), names.end()}};
}

} // namespace dci
