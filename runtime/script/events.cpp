#include "runtime/script/events.hpp"

#include <algorithm>
#include <cstdio>

#include <poll.h>

namespace dci {
namespace {

std::deque<actor_event>& inbox_of(script_context& context, const host_ptr& host) {
  for (auto& box : context.inbox)
    if (box.host.lock() == host)
      return box.events;
  return context.inbox.emplace_back(script_context::collected{host, {}}).events;
}

/// False when the watch function failed; it is not called again then.
bool show(lua_State* L, const script_context::watch& watch, const actor_event& event) {
  if (!watch.function) {
    std::printf("%s\n", to_string(event).c_str());
    return true;
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, *watch.function);
  push_json(L, to_json_value(event));
  if (lua_pcall(L, 1, 0, 0) == LUA_OK)
    return true;
  std::fprintf(stderr, "watch function: %s\n", pop_fault(L).text.c_str());
  luaL_unref(L, LUA_REGISTRYINDEX, *watch.function);
  return false;
}

void hand_out(lua_State* L, const host_ptr& host, const actor_event& event) {
  auto& context = context_of(L);
  auto& inbox = inbox_of(context, host);
  inbox.push_back(event);
  if (inbox.size() > event_feed::capacity)
    inbox.pop_front();
  // By index: a watch function may add watches.
  for (std::size_t i = 0; i < context.watches.size(); ++i) {
    const auto watch = context.watches[i];
    if (watch.host == host && (watch.actor.empty() || watch.actor == event.name) &&
        !show(L, watch, event))
      context.watches[i].host.reset();
  }
}

bool matches(const event_filter& filter, const actor_event& event) {
  const auto fits = [](const std::optional<std::string>& wanted, const std::string& is) {
    return !wanted || *wanted == is;
  };
  return fits(filter.name, event.name) && fits(filter.type, event.type) &&
         fits(filter.what, event.what);
}

} // namespace

void add_watch(lua_State* L, const host_ptr& host, const std::string& actor, int argument) {
  script_context::watch watch{host, actor, {}};
  if (!lua_isnoneornil(L, argument)) {
    luaL_checktype(L, argument, LUA_TFUNCTION);
    lua_pushvalue(L, argument);
    watch.function = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  // What happened before is not news.
  pump_events(L);
  context_of(L).watches.push_back(std::move(watch));
}

void remove_watches(lua_State* L, const host_ptr& host) {
  for (auto& watch : context_of(L).watches) {
    if (watch.host != host)
      continue;
    if (watch.function)
      luaL_unref(L, LUA_REGISTRYINDEX, *watch.function);
    watch.host.reset();
  }
}

void pump_events(lua_State* L) {
  auto& context = context_of(L);
  if (context.is_pumping)
    return;
  context.is_pumping = true;
  std::erase_if(context.inbox, [](const auto& box) { return box.host.expired(); });
  // A copy: a watch function may attach or stop hosts. A lost host is not in
  // the session's list for ever, but its last event counts.
  auto hosts = context.console.hosts();
  for (const auto& watch : context.watches)
    if (watch.host && std::find(hosts.begin(), hosts.end(), watch.host) == hosts.end())
      hosts.push_back(watch.host);
  for (const auto& host : hosts)
    for (const auto& event : host->feed->take())
      hand_out(L, host, event);
  std::erase_if(context.watches, [](const auto& watch) { return !watch.host; });
  context.is_pumping = false;
}

std::deque<actor_event> take_events(lua_State* L, const host_ptr& host) {
  return std::exchange(inbox_of(context_of(L), host), {});
}

void sleep_for(lua_State* L, std::chrono::milliseconds time, const std::function<bool()>& done) {
  using clock = std::chrono::steady_clock;
  if (context_of(L).is_pumping)
    raise(L, {errc::bad_request, "a watch function cannot wait"});
  const auto deadline = clock::now() + time;
  for (;;) {
    drain_wakes();
    pump_events(L);
    if (stop_wanted())
      raise(L, {errc::cancelled, "interrupted"});
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    if (left <= 0 || (done && done()))
      return;
    std::fflush(stdout);
    pollfd wake{wake_handle(), POLLIN, 0};
    poll(&wake, 1, static_cast<int>(left));
  }
}

actor_event wait_for_event(lua_State* L, const host_ptr& host, const event_filter& filter) {
  if (!(filter.timeout > 0 && filter.timeout <= 86400))
    raise(L, {errc::bad_request, "wait_event/timeout: must be more than 0, at most 86400"});
  std::optional<actor_event> found;
  const auto look = [&] {
    auto& inbox = inbox_of(context_of(L), host);
    const auto it = std::find_if(inbox.begin(), inbox.end(),
                                 [&](const auto& event) { return matches(filter, event); });
    if (it == inbox.end())
      return host->feed->lost().has_value();
    found = std::move(*it);
    inbox.erase(it);
    return true;
  };
  sleep_for(L, std::chrono::milliseconds{static_cast<std::int64_t>(filter.timeout * 1000)}, look);
  if (found)
    return *found;
  if (const auto why = host->feed->lost())
    raise(L, {errc::peer_lost, "host " + host->name + " is lost: " + *why});
  raise(L, {errc::timed_out,
            "host " + host->name + ": no such event in " + json(filter.timeout).dump() + " s"});
}

} // namespace dci
