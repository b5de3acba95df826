// The functions of the table dci.
#include <algorithm>

#include "runtime/base/version.hpp"
#include "runtime/script/context.hpp"
#include "runtime/script/events.hpp"
#include "runtime/script/printer.hpp"
#include "runtime/script/type_docs.hpp"

namespace dci {
namespace {

int types(lua_State* L) {
  auto out = json::array();
  for (const auto& type : builtin_actor_types()->types())
    out.push_back(type_as_json(type));
  push_json(L, out);
  return 1;
}

int host(lua_State* L) {
  auto& console = context_of(L).console;
  if (lua_isnoneornil(L, 1))
    push_host(L, console.own_host());
  else
    push_host(L, value_or_raise(L, console.host_named(check_text(L, 1))));
  return 1;
}

int hosts(lua_State* L) {
  lua_newtable(L);
  lua_Integer i = 0;
  for (const auto& known : context_of(L).console.hosts()) {
    push_host(L, known);
    lua_rawseti(L, -2, ++i);
  }
  return 1;
}

int attach(lua_State* L) {
  const auto address = check_text(L, 1);
  const auto wait = check_seconds(L, 2, 10);
  push_host(L, value_or_raise(L, context_of(L).console.attach(address, wait)));
  return 1;
}

int attached(lua_State* L) {
  if (const auto& host = context_of(L).attached)
    push_host(L, host);
  else
    lua_pushnil(L);
  return 1;
}

int launch(lua_State* L) {
  const auto file = check_text(L, 1);
  const auto wait = check_seconds(L, 2, 20);
  push_deployment(L, value_or_raise(L, context_of(L).console.launch(file, wait)));
  return 1;
}

int launched_topology(lua_State* L) {
  if (const auto& what = context_of(L).topology)
    push_deployment(L, what);
  else
    lua_pushnil(L);
  return 1;
}

/// The host of a stage: an object, or the name of a known host.
host_ptr stage_host(lua_State* L, int index, const std::string& where) {
  if (auto* found = test_host(L, index))
    return *found;
  if (lua_type(L, index) != LUA_TSTRING)
    raise(L, {errc::bad_request, where + " must be a host, or the name of one"});
  return value_or_raise(L, context_of(L).console.host_named(std::string{text_at(L, index)}));
}

void set_stage_host(json& stage, const host_ptr& host) {
  stage["host"] = host->name;
  stage["address"] = host->address;
}

/// A stage: a table with host or actor, and layers; or only a host.
json read_stage(lua_State* L, int index, const std::string& where) {
  index = lua_absindex(L, index);
  auto stage = json::object();
  if (lua_type(L, index) != LUA_TTABLE) {
    set_stage_host(stage, stage_host(L, index, where));
    return stage;
  }
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    const std::string key{text_at(L, -2)};
    if (key == "host")
      set_stage_host(stage, stage_host(L, -1, where + ".host"));
    else if (const auto* actor = test_actor(L, -1); actor != nullptr && key == "actor") {
      stage["actor"] = actor->info.name;
      set_stage_host(stage, actor->host);
    } else if (!key.empty())
      stage[key] = value_or_raise(L, lua_to_json(L, -1, where + "." + key));
    else
      raise(L, {errc::bad_request, where + " must have names: host, actor, layers"});
  }
  return stage;
}

/// Every host once, for the planner: the given list, or all that are known.
json automatic_stages(lua_State* L, int list) {
  std::vector<host_ptr> hosts;
  if (lua_isnil(L, list)) {
    for (const auto& known : context_of(L).console.hosts())
      if (!known->feed->lost())
        hosts.push_back(known);
  } else {
    luaL_checktype(L, list, LUA_TTABLE);
    for (lua_Integer i = 1; lua_rawgeti(L, list, i) != LUA_TNIL; ++i, lua_pop(L, 1))
      hosts.push_back(stage_host(L, -1, "ring.hosts[" + std::to_string(i) + "]"));
    lua_pop(L, 1);
  }
  auto out = json::array();
  for (const auto& host : hosts) {
    for (const auto& other : out)
      if (other["host"] == host->name)
        raise(L, {errc::bad_request, "ring.hosts names \"" + host->name + "\" twice"});
    auto stage = json::object();
    set_stage_host(stage, host);
    out.push_back(std::move(stage));
  }
  return out;
}

json read_stages(lua_State* L, int table) {
  lua_getfield(L, table, "hosts");
  lua_getfield(L, table, "stages");
  const int stages = lua_gettop(L);
  if (text_at(L, stages) == "auto")
    return automatic_stages(L, stages - 1);
  if (!lua_isnil(L, stages - 1))
    raise(L, {errc::bad_request, "ring.hosts goes with stages = \"auto\" only"});
  if (lua_type(L, stages) != LUA_TTABLE)
    raise(L, {errc::bad_request, "ring.stages must be a list of stages, or \"auto\""});
  auto out = json::array();
  for (lua_Integer i = 1; lua_rawgeti(L, stages, i) != LUA_TNIL; ++i, lua_pop(L, 1))
    out.push_back(read_stage(L, -1, "ring.stages[" + std::to_string(i) + "]"));
  return out;
}

std::string free_ring_name(lua_State* L) {
  auto& console = context_of(L).console;
  const auto taken = value_or_raise(L, console.actors(console.own_host()));
  for (int i = 1;; ++i) {
    auto name = i == 1 ? std::string{"ring"} : "ring" + std::to_string(i);
    if (std::none_of(taken.begin(), taken.end(),
                     [&](const auto& actor) { return actor.info.name == name; }))
      return name;
  }
}

int ring(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  auto settings = json::object();
  for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
    const std::string key{text_at(L, -2)};
    if (key.empty())
      raise(L, {errc::bad_request, "ring must have names: name, model, stages, ..."});
    if (key != "stages" && key != "hosts" && key != "name")
      settings[key] = value_or_raise(L, lua_to_json(L, -1, "ring." + key));
  }
  settings["stages"] = read_stages(L, 1);
  lua_getfield(L, 1, "name");
  if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
    raise(L, {errc::bad_request, "ring.name must be a string"});
  const auto name = lua_isnil(L, -1) ? free_ring_name(L) : std::string{text_at(L, -1)};
  auto& console = context_of(L).console;
  auto made = value_or_raise(L, console.spawn(console.own_host(), "ring", name, settings));
  if (auto whole = console.assemble(made); !whole) {
    // The name is free for another try.
    (void)console.stop(made);
    raise(L, whole.error());
  }
  push_actor(L, std::move(made));
  return 1;
}

int sleep(lua_State* L) {
  sleep_for(L, check_seconds(L, 1, 0), {});
  return 0;
}

int format(lua_State* L) {
  luaL_checkany(L, 1);
  push_text(L, format_value(L, 1));
  return 1;
}

int encode(lua_State* L) {
  luaL_checkany(L, 1);
  push_text(L, value_or_raise(L, lua_to_json(L, 1, "value")).dump());
  return 1;
}

int decode(lua_State* L) {
  const auto value = json::parse(check_text(L, 1), nullptr, false);
  if (value.is_discarded())
    raise(L, {errc::bad_request, "the text is not JSON in UTF-8"});
  push_json(L, value);
  return 1;
}

int version_text(lua_State* L) {
  push_text(L, version);
  return 1;
}

constexpr api_entry dci_entries[] = {
    {"types()", "the registered actor types, with their settings and messages", guarded<types>},
    {"host([name])", "this process's own host, or a known one", guarded<host>},
    {"hosts()", "every host known here", guarded<hosts>},
    {"attach(address [, seconds])", "connect to a running host, for example \"127.0.0.1:4701\"",
     guarded<attach>},
    {"attached()", "the host of --attach", guarded<attached>},
    {"launch(file [, seconds])", "start the hosts of a topology file as processes",
     guarded<launch>},
    {"launched()", "the deployment of --topology", guarded<launched_topology>},
    {"ring{model=, stages={{host=, layers={first, last}}, ...}, name=, context=}",
     "assemble a ring; stages = \"auto\" with hosts = {...} lets the planner cut", guarded<ring>},
    {"sleep(seconds)", "wait; watch functions run meanwhile", guarded<sleep>},
    {"format(value)", "a value as this console prints it", guarded<format>},
    {"to_json(value)", "a value as JSON; dci.null is null", guarded<encode>},
    {"from_json(text)", "the reverse", guarded<decode>},
    {"version()", "of this program", guarded<version_text>},
};

} // namespace

std::span<const api_entry> dci_functions() {
  return dci_entries;
}

} // namespace dci
