// What our functions in Lua need to know, and the objects they make.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "runtime/script/json_lua.hpp"
#include "runtime/script/lua.hpp"
#include "runtime/script/session.hpp"

namespace dci {

/// Of one Lua state.
struct script_context {
  explicit script_context(session& s) : console(s) {
  }

  session& console;
  /// Somebody sits at a terminal: answers are shown while they come.
  bool interactive = false;
  host_ptr attached;     ///< of --attach
  launched_ptr topology; ///< of --topology
  /// Set by os.exit: how the program ends.
  std::optional<int> exit_code;
  /// Whom to tell of a host's events.
  struct watch {
    host_ptr host;
    std::string actor;           ///< empty: every one
    std::optional<int> function; ///< its place in the registry; absent: print
  };
  std::vector<watch> watches;
  bool is_pumping = false; ///< a watch function runs
  /// Events that nobody has asked for yet.
  struct collected {
    std::weak_ptr<known_host> host;
    std::deque<actor_event> events;
  };
  std::vector<collected> inbox;
};

script_context& context_of(lua_State* L);

/// One function that Lua can call. From these tables come the metatables, the
/// completion and help().
struct api_entry {
  std::string_view signature; ///< "attach(address [, seconds])"
  std::string_view doc;
  lua_CFunction function;

  std::string_view name() const {
    return signature.substr(0, signature.find_first_of("({"));
  }
};

/// A kind of object, or the table dci.
struct api_section {
  std::string_view name; ///< "host"
  std::string_view call; ///< how its functions are called: "h:", "dci."
  std::string_view doc;
  std::span<const api_entry> entries;
};

std::span<const api_entry> dci_functions();
std::span<const api_entry> host_methods();
std::span<const api_entry> actor_methods();
std::span<const api_entry> ring_methods(); ///< besides those of an actor
std::span<const api_entry> deployment_methods();
std::span<const api_section> api_sections();

/// help([topic]): prints. print_help is the same for a topic in words.
int api_help(lua_State* L);

void push_host(lua_State* L, host_ptr host);
/// Of the type "ring" it has generate and assemble too.
void push_actor(lua_State* L, known_actor actor);
void push_deployment(lua_State* L, launched_ptr what);

host_ptr check_host(lua_State* L, int argument);
known_actor& check_actor(lua_State* L, int argument);
launched_ptr check_deployment(lua_State* L, int argument);
/// nullptr, or the object at an index.
host_ptr* test_host(lua_State* L, int index);
known_actor* test_actor(lua_State* L, int index);

/// Makes the metatables of all objects.
void register_objects(lua_State* L);

/// The host as an actor: its node.
known_actor node_of(const host_ptr& host);

/// A table argument as JSON; an empty table when it is absent.
json check_fields(lua_State* L, int argument, const char* what);
/// Seconds as an argument or a field: more than 0, at most a day.
std::chrono::milliseconds check_seconds(lua_State* L, int index, double fallback);

/// Takes what the hosts' feeds have: into the inbox, to watch functions and to
/// standard output. Runs Lua functions.
void pump_events(lua_State* L);

} // namespace dci
