// What starts and ends, on its way from the hosts' feeds to scripts.
#pragma once

#include <chrono>
#include <functional>

#include "runtime/script/context.hpp"

namespace dci {

/// What h:wait_event waits for.
struct event_filter {
  std::optional<std::string> name;
  std::optional<std::string> type;
  std::optional<std::string> what;
  double timeout = 10;

  static constexpr std::string_view type_name = "event_filter";
  static constexpr auto fields() {
    using self = event_filter;
    return std::tuple{field("name", &self::name, "of the actor"),
                      field("type", &self::type, "of the actor"),
                      field("what", &self::what, "started or ended"),
                      field("timeout", &self::timeout, "seconds to wait")};
  }
};

/// Prints a host's events, or of one actor of it, from now on; calls the
/// function instead if there is one at that argument.
void add_watch(lua_State* L, const host_ptr& host, const std::string& actor, int argument);
void remove_watches(lua_State* L, const host_ptr& host);

/// The host's events that nobody has taken; call pump_events first.
std::deque<actor_event> take_events(lua_State* L, const host_ptr& host);

/// Raises timed_out, peer_lost when the host is lost, cancelled.
actor_event wait_for_event(lua_State* L, const host_ptr& host, const event_filter& filter);

/// Waits for so long, handing out events meanwhile; done may end it earlier.
/// Raises cancelled on Ctrl-C.
void sleep_for(lua_State* L, std::chrono::milliseconds time, const std::function<bool()>& done);

} // namespace dci
