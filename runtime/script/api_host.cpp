// The methods of hosts and deployments.
#include "runtime/script/context.hpp"
#include "runtime/script/events.hpp"
#include "runtime/script/type_docs.hpp"

namespace dci {
namespace {

int name(lua_State* L) {
  push_text(L, check_host(L, 1)->name);
  return 1;
}

int address(lua_State* L) {
  const auto host = check_host(L, 1);
  if (host->address.empty())
    lua_pushnil(L);
  else
    push_text(L, host->address);
  return 1;
}

int alive(lua_State* L) {
  lua_pushboolean(L, !check_host(L, 1)->feed->lost());
  return 1;
}

int describe(lua_State* L) {
  const auto host = check_host(L, 1);
  const auto wait = check_seconds(L, 2, 10);
  push_json(L, value_or_raise(L, context_of(L).console.describe(node_of(host), wait)));
  return 1;
}

int actors(lua_State* L) {
  const auto found = value_or_raise(L, context_of(L).console.actors(check_host(L, 1)));
  lua_newtable(L);
  for (std::size_t i = 0; i < found.size(); ++i) {
    push_actor(L, found[i]);
    lua_rawseti(L, -2, static_cast<lua_Integer>(i + 1));
  }
  return 1;
}

int actor(lua_State* L) {
  const auto host = check_host(L, 1);
  push_actor(L, value_or_raise(L, context_of(L).console.find(host, check_text(L, 2))));
  return 1;
}

int spawn(lua_State* L) {
  const auto host = check_host(L, 1);
  const auto type = check_text(L, 2);
  const auto who = check_text(L, 3);
  auto settings = check_fields(L, 4, "settings");
  push_actor(L,
             value_or_raise(L, context_of(L).console.spawn(host, type, who, std::move(settings))));
  return 1;
}

int request(lua_State* L) {
  const auto node = node_of(check_host(L, 1));
  const auto message = check_text(L, 2);
  const auto fields = check_fields(L, 3, "fields");
  const auto wait = check_seconds(L, 4, 10);
  push_json(L, value_or_raise(L, context_of(L).console.request(node, message, fields, wait)));
  return 1;
}

int requests(lua_State* L) {
  push_json(L, requests_as_json(*type_of(node_of(check_host(L, 1)))));
  return 1;
}

int watch(lua_State* L) {
  add_watch(L, check_host(L, 1), "", 2);
  return 0;
}

int unwatch(lua_State* L) {
  remove_watches(L, check_host(L, 1));
  return 0;
}

int events(lua_State* L) {
  const auto host = check_host(L, 1);
  pump_events(L);
  auto out = json::array();
  for (const auto& event : take_events(L, host))
    out.push_back(to_json_value(event));
  push_json(L, out);
  return 1;
}

int wait_event(lua_State* L) {
  const auto host = check_host(L, 1);
  event_filter filter;
  if (const auto e = from_json_value(check_fields(L, 2, "filter"), filter))
    raise(L, {errc::bad_request, "wait_event" + e->path + ": " + e->message});
  push_json(L, to_json_value(wait_for_event(L, host, filter)));
  return 1;
}

constexpr api_entry host_entries[] = {
    {"name()", "its name", guarded<name>},
    {"address()", "where it listens; nil for this process", guarded<address>},
    {"alive()", "false once it was lost", guarded<alive>},
    {"describe([seconds])", "what it is and runs, as a table", guarded<describe>},
    {"actors()", "a list of its actors", guarded<actors>},
    {"actor(name)", "one of them", guarded<actor>},
    {"spawn(type, name [, settings])", "start an actor of a registered type there", guarded<spawn>},
    {"requests()", "the messages it understands itself", guarded<requests>},
    {"request(message [, fields [, seconds]])", "ask the host itself, for example dial_request",
     guarded<request>},
    {"watch([function])", "print what starts and ends there, or call function(event)",
     guarded<watch>},
    {"unwatch()", "stop that", guarded<unwatch>},
    {"events()", "what started and ended since the last call", guarded<events>},
    {"wait_event{name=, type=, what=, timeout=10}",
     "wait for the first event like that and take it; what: \"started\" or \"ended\"",
     guarded<wait_event>},
};

launched& running(lua_State* L) {
  const auto what = check_deployment(L, 1);
  if (!what->running)
    raise(L, {errc::not_found, what->file + " was stopped"});
  return *what;
}

int deployment_file(lua_State* L) {
  push_text(L, check_deployment(L, 1)->file);
  return 1;
}

int deployment_hosts(lua_State* L) {
  const auto& what = running(L);
  lua_newtable(L);
  for (std::size_t i = 0; i < what.hosts.size(); ++i) {
    push_host(L, what.hosts[i]);
    lua_rawseti(L, -2, static_cast<lua_Integer>(i + 1));
  }
  return 1;
}

int deployment_host(lua_State* L) {
  const auto& what = running(L);
  const auto wanted = check_text(L, 2);
  for (const auto& host : what.hosts)
    if (host->name == wanted) {
      push_host(L, host);
      return 1;
    }
  raise(L, {errc::not_found, what.file + " has no host \"" + wanted + "\""});
}

int deployment_rings(lua_State* L) {
  auto names = json::array();
  for (const auto& ring : running(L).running->plan().rings)
    names.push_back(ring.name);
  push_json(L, names);
  return 1;
}

int deployment_ring(lua_State* L) {
  auto& console = context_of(L).console;
  const std::string wanted = luaL_optstring(L, 2, "");
  auto ring = value_or_raise(L, console.ring_of(running(L), wanted));
  value_or_raise(L, console.assemble(ring));
  push_actor(L, std::move(ring));
  return 1;
}

int deployment_stop(lua_State* L) {
  context_of(L).console.stop(running(L));
  return 0;
}

constexpr api_entry deployment_entries[] = {
    {"file()", "the topology file", guarded<deployment_file>},
    {"hosts()", "a list of its hosts", guarded<deployment_hosts>},
    {"host(name)", "one of them", guarded<deployment_host>},
    {"rings()", "the names of the file's rings", guarded<deployment_rings>},
    {"ring([name])", "the ring of that name, or the only one; assembled", guarded<deployment_ring>},
    {"stop()", "end its actors here and its processes", guarded<deployment_stop>},
};

} // namespace

std::span<const api_entry> host_methods() {
  return host_entries;
}

std::span<const api_entry> deployment_methods() {
  return deployment_entries;
}

} // namespace dci
