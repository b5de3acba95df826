#include "runtime/script/json_lua.hpp"

#include <cmath>

#include "tensors/text/utf8.hpp"

namespace dci {
namespace {

class converter {
 public:
  explicit converter(lua_State* lua) : L(lua) {
  }

  expected<json> convert(int index, const std::string& path) {
    if (++values_ > max_lua_values)
      return refuse(path, "is part of more than " + std::to_string(max_lua_values) + " values");
    switch (lua_type(L, index)) {
      case LUA_TNIL:
        return json(nullptr);
      case LUA_TBOOLEAN:
        return json(lua_toboolean(L, index) == 1);
      case LUA_TNUMBER:
        return number(index, path);
      case LUA_TSTRING:
        return text(index, path);
      case LUA_TTABLE:
        return table(index, path);
      case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, index) == nullptr)
          return json(nullptr);
        [[fallthrough]];
      default:
        return refuse(path,
                      std::string{"is a "} + luaL_typename(L, index) + ", which cannot be sent");
    }
  }

 private:
  tl::unexpected<error> refuse(const std::string& path, const std::string& why) {
    return fail(errc::bad_request, path + " " + why);
  }

  expected<json> number(int index, const std::string& path) {
    if (lua_isinteger(L, index))
      return json(static_cast<std::int64_t>(lua_tointeger(L, index)));
    const auto value = static_cast<double>(lua_tonumber(L, index));
    if (!std::isfinite(value))
      return refuse(path, "is not a finite number");
    return json(value);
  }

  expected<json> text(int index, const std::string& path) {
    const auto bytes = text_at(L, index);
    const auto valid = text::scan_utf8(bytes).valid;
    if (valid != bytes.size())
      return refuse(path, "is not UTF-8: byte " + std::to_string(valid + 1) + " is wrong");
    return json(bytes);
  }

  expected<json> table(int index, const std::string& path) {
    const auto* identity = lua_topointer(L, index);
    if (std::find(open_.begin(), open_.end(), identity) != open_.end())
      return refuse(path, "contains itself");
    if (open_.size() >= max_lua_depth || !lua_checkstack(L, 8))
      return refuse(path, "is nested deeper than " + std::to_string(max_lua_depth));
    open_.push_back(identity);
    const auto at = lua_absindex(L, index);
    auto out = lua_rawlen(L, at) > 0 ? list(at, path) : object(at, path);
    open_.pop_back();
    return out;
  }

  expected<json> list(int index, const std::string& path) {
    const auto size = lua_rawlen(L, index);
    // A list has no other keys than 1..n; counting them finds holes too.
    std::size_t keys = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
      ++keys;
      const bool in_list = lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 &&
                           static_cast<lua_Unsigned>(lua_tointeger(L, -2)) <= size;
      if (!in_list) {
        const auto key = key_text(-2);
        lua_pop(L, 2);
        return refuse(path, "has list items and also the key " + key);
      }
    }
    if (keys != size)
      return refuse(path, "is a list with holes; write dci.null for an item that is not there");
    auto out = json::array();
    for (std::size_t i = 1; i <= size; ++i) {
      lua_rawgeti(L, index, static_cast<lua_Integer>(i));
      auto item = convert(-1, path + "[" + std::to_string(i) + "]");
      lua_pop(L, 1);
      if (!item)
        return item;
      out.push_back(std::move(*item));
    }
    return out;
  }

  expected<json> object(int index, const std::string& path) {
    auto out = json::object();
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
      if (lua_type(L, -2) != LUA_TSTRING) {
        const auto key = key_text(-2);
        lua_pop(L, 2);
        return refuse(path, "has the key " + key +
                                ": lists count from 1 without holes, tables "
                                "have names");
      }
      auto key = text(-2, "a key of " + path);
      if (!key) {
        lua_pop(L, 2);
        return key;
      }
      const auto name = key->get<std::string>();
      auto value = convert(-1, path + "." + name);
      if (!value) {
        lua_pop(L, 2);
        return value;
      }
      out[name] = std::move(*value);
    }
    if (out.empty())
      return json::array();
    return out;
  }

  std::string key_text(int index) {
    const auto type = lua_type(L, index);
    if (type == LUA_TSTRING)
      return json(text_at(L, index)).dump(-1, ' ', true, json::error_handler_t::replace);
    if (lua_isinteger(L, index))
      return std::to_string(lua_tointeger(L, index));
    if (type == LUA_TNUMBER)
      return std::to_string(lua_tonumber(L, index));
    return std::string{"of type "} + lua_typename(L, type);
  }

  lua_State* L;
  std::vector<const void*> open_; ///< the tables around the current value
  std::size_t values_ = 0;
};

void push_number(lua_State* L, const json& value) {
  const bool fits =
      !value.is_number_unsigned() || std::in_range<lua_Integer>(value.get<std::uint64_t>());
  if (value.is_number_integer() && fits)
    lua_pushinteger(L, value.get<lua_Integer>());
  else
    lua_pushnumber(L, value.get<lua_Number>());
}

void push_value(lua_State* L, const json& value, int depth) {
  if (depth > max_lua_depth || !lua_checkstack(L, 8))
    raise(L,
          {errc::bad_request, "the value is nested deeper than " + std::to_string(max_lua_depth)});
  switch (value.type()) {
    case json::value_t::boolean:
      return lua_pushboolean(L, value.get<bool>() ? 1 : 0);
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return push_number(L, value);
    case json::value_t::string:
      return push_text(L, value.get_ref<const std::string&>());
    case json::value_t::array:
      lua_newtable(L);
      for (std::size_t i = 0; i < value.size(); ++i) {
        push_value(L, value[i], depth + 1);
        lua_rawseti(L, -2, static_cast<lua_Integer>(i + 1));
      }
      return;
    case json::value_t::object:
      lua_newtable(L);
      for (const auto& [key, item] : value.items()) {
        if (item.is_null())
          continue;
        push_text(L, key);
        push_value(L, item, depth + 1);
        lua_rawset(L, -3);
      }
      return;
    default:
      return push_null(L);
  }
}

} // namespace

expected<json> lua_to_json(lua_State* L, int index, const std::string& what) {
  return converter(L).convert(index, what);
}

void push_json(lua_State* L, const json& value) {
  push_value(L, value, 0);
}

void push_null(lua_State* L) {
  lua_pushlightuserdata(L, nullptr);
}

} // namespace dci
