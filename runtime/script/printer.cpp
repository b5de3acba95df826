#include "runtime/script/printer.hpp"

#include <algorithm>
#include <vector>

namespace dci {
namespace {

constexpr std::size_t line_width = 76;
constexpr std::size_t max_depth = 6;
constexpr std::size_t max_items = 100;

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      const auto code = std::to_string(static_cast<unsigned char>(c));
      out += "\\" + std::string(3 - code.size(), '0') + code;
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool is_name(std::string_view key) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !key.empty() && is_letter(key.front()) && std::all_of(key.begin(), key.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

class printer {
 public:
  explicit printer(lua_State* lua) : L(lua) {
  }

  std::string value(int index, std::size_t indent) {
    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TSTRING)
      return in_quotes(text_at(L, index));
    if (lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == nullptr)
      return "dci.null";
    if (lua_type(L, index) == LUA_TTABLE && !has_own_text(index))
      return table(index, indent);
    luaL_tolstring(L, index, nullptr);
    std::string out{text_at(L, -1)};
    lua_pop(L, 1);
    return out;
  }

 private:
  bool has_own_text(int index) {
    const auto type = luaL_getmetafield(L, index, "__tostring");
    if (type != LUA_TNIL)
      lua_pop(L, 1);
    return type != LUA_TNIL;
  }

  std::string table(int index, std::size_t indent) {
    const auto* identity = lua_topointer(L, index);
    if (std::find(open_.begin(), open_.end(), identity) != open_.end())
      return "<itself>";
    if (open_.size() == max_depth || !lua_checkstack(L, 8))
      return "{...}";
    open_.push_back(identity);
    auto parts = items(index, indent + 2);
    open_.pop_back();
    return join(parts, indent);
  }

  std::vector<std::string> items(int index, std::size_t indent) {
    std::vector<std::string> out;
    const auto size = lua_rawlen(L, index);
    for (std::size_t i = 1; i <= std::min<std::size_t>(size, max_items); ++i) {
      lua_rawgeti(L, index, static_cast<lua_Integer>(i));
      out.push_back(value(-1, indent));
      lua_pop(L, 1);
    }
    if (size > max_items)
      out.push_back("... " + std::to_string(size - max_items) + " more");
    std::vector<std::pair<std::string, std::string>> named;
    std::size_t unnamed = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
      const bool in_list = lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 &&
                           static_cast<lua_Unsigned>(lua_tointeger(L, -2)) <= size;
      if (in_list)
        continue;
      if (named.size() == max_items)
        ++unnamed;
      else
        named.emplace_back(key(lua_gettop(L) - 1, indent), value(-1, indent));
    }
    std::sort(named.begin(), named.end());
    for (auto& [name, text] : named)
      out.push_back(name + " = " + text);
    if (unnamed > 0)
      out.push_back("... " + std::to_string(unnamed) + " more");
    return out;
  }

  std::string key(int index, std::size_t indent) {
    const auto text = text_at(L, index);
    if (is_name(text))
      return std::string{text};
    return "[" + value(index, indent) + "]";
  }

  static std::string join(const std::vector<std::string>& parts, std::size_t indent) {
    std::size_t width = indent + 2;
    bool one_line = true;
    for (const auto& part : parts) {
      width += part.size() + 2;
      one_line = one_line && part.find('\n') == std::string::npos;
    }
    one_line = one_line && width <= line_width;
    const std::string pause = one_line ? " " : "\n" + std::string(indent + 2, ' ');
    std::string out = "{";
    for (std::size_t i = 0; i < parts.size(); ++i)
      out += (i == 0 ? (one_line ? "" : pause) : "," + pause) + parts[i];
    return out + (one_line ? "" : "\n" + std::string(indent, ' ')) + "}";
  }

  lua_State* L;
  std::vector<const void*> open_;
};

} // namespace

std::string format_value(lua_State* L, int index) {
  if (lua_type(L, index) == LUA_TSTRING)
    return std::string{text_at(L, index)};
  return printer(L).value(index, 0);
}

} // namespace dci
