#include <cmath>
#include <new>

#include "runtime/script/context.hpp"

namespace dci {
namespace {

constexpr const char* host_type = "dci.host";
constexpr const char* actor_type_name = "dci.actor";
constexpr const char* ring_type = "dci.ring";
constexpr const char* deployment_type = "dci.deployment";

template <class T>
void push_boxed(lua_State* L, T value, const char* type) {
  new (lua_newuserdatauv(L, sizeof(T), 0)) T(std::move(value));
  luaL_setmetatable(L, type);
}

template <class T>
T* boxed(lua_State* L, int index, const char* type) {
  return static_cast<T*>(luaL_testudata(L, index, type));
}

template <class T>
int collect(lua_State* L) {
  static_cast<T*>(lua_touserdata(L, 1))->~T();
  return 0;
}

int host_text(lua_State* L) {
  const auto host = check_host(L, 1);
  auto text = "host " + host->name;
  text += host->address.empty() ? " (this process)" : " at " + host->address;
  if (host->feed->lost())
    text += " (lost)";
  push_text(L, text);
  return 1;
}

int actor_text(lua_State* L) {
  push_text(L, to_string(check_actor(L, 1)));
  return 1;
}

int deployment_text(lua_State* L) {
  const auto what = check_deployment(L, 1);
  push_text(L, what->file + (what->running ? "" : " (stopped)"));
  return 1;
}

int same_host(lua_State* L) {
  const auto* a = test_host(L, 1);
  const auto* b = test_host(L, 2);
  lua_pushboolean(L, a != nullptr && b != nullptr && *a == *b);
  return 1;
}

int same_actor(lua_State* L) {
  const auto* a = test_actor(L, 1);
  const auto* b = test_actor(L, 2);
  lua_pushboolean(L, a != nullptr && b != nullptr && a->info.actor == b->info.actor);
  return 1;
}

void add_methods(lua_State* L, std::span<const api_entry> methods) {
  for (const auto& entry : methods) {
    push_text(L, entry.name());
    lua_pushcfunction(L, entry.function);
    lua_rawset(L, -3);
  }
}

void set_function(lua_State* L, const char* name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

template <class T>
void register_type(lua_State* L, const char* type, lua_CFunction to_text, lua_CFunction equal,
                   std::initializer_list<std::span<const api_entry>> methods) {
  luaL_newmetatable(L, type);
  lua_newtable(L);
  for (const auto& each : methods)
    add_methods(L, each);
  lua_setfield(L, -2, "__index");
  set_function(L, "__gc", collect<T>);
  set_function(L, "__tostring", to_text);
  if (equal != nullptr)
    set_function(L, "__eq", equal);
  // Nobody calls __gc by hand.
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

} // namespace

script_context& context_of(lua_State* L) {
  return **static_cast<script_context**>(lua_getextraspace(L));
}

void push_host(lua_State* L, host_ptr host) {
  push_boxed(L, std::move(host), host_type);
}

void push_actor(lua_State* L, known_actor actor) {
  const auto* type = actor.info.type == "ring" ? ring_type : actor_type_name;
  push_boxed(L, std::move(actor), type);
}

void push_deployment(lua_State* L, launched_ptr what) {
  push_boxed(L, std::move(what), deployment_type);
}

host_ptr* test_host(lua_State* L, int index) {
  return boxed<host_ptr>(L, index, host_type);
}

known_actor* test_actor(lua_State* L, int index) {
  auto* plain = boxed<known_actor>(L, index, actor_type_name);
  return plain != nullptr ? plain : boxed<known_actor>(L, index, ring_type);
}

host_ptr check_host(lua_State* L, int argument) {
  auto* host = test_host(L, argument);
  if (host == nullptr)
    luaL_typeerror(L, argument, "host");
  return *host;
}

known_actor& check_actor(lua_State* L, int argument) {
  auto* actor = test_actor(L, argument);
  if (actor == nullptr)
    luaL_typeerror(L, argument, "actor");
  return *actor;
}

launched_ptr check_deployment(lua_State* L, int argument) {
  auto* what = boxed<launched_ptr>(L, argument, deployment_type);
  if (what == nullptr)
    luaL_typeerror(L, argument, "deployment");
  return *what;
}

void register_objects(lua_State* L) {
  register_type<host_ptr>(L, host_type, guarded<host_text>, guarded<same_host>, {host_methods()});
  register_type<known_actor>(L, actor_type_name, guarded<actor_text>, guarded<same_actor>,
                             {actor_methods()});
  register_type<known_actor>(L, ring_type, guarded<actor_text>, guarded<same_actor>,
                             {actor_methods(), ring_methods()});
  register_type<launched_ptr>(L, deployment_type, guarded<deployment_text>, nullptr,
                              {deployment_methods()});
}

known_actor node_of(const host_ptr& host) {
  return {host, {host->name, "node", caf::actor_cast<actor_ref>(host->node)}};
}

json check_fields(lua_State* L, int argument, const char* what) {
  if (lua_isnoneornil(L, argument))
    return json::object();
  luaL_checktype(L, argument, LUA_TTABLE);
  return value_or_raise(L, lua_to_json(L, argument, what));
}

std::chrono::milliseconds check_seconds(lua_State* L, int index, double fallback) {
  const auto seconds = luaL_optnumber(L, index, fallback);
  if (!(seconds > 0 && seconds <= 86400))
    luaL_argerror(L, index, "must be seconds: more than 0, at most 86400");
  return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
}

} // namespace dci
