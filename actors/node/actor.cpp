#include "actors/node/actor.hpp"

#include <algorithm>

#include <unistd.h>

#include "actors/node/names.hpp"
#include "net/identity/pem.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/version.hpp"

namespace dci {
namespace {

using self_ptr = node_pointer;

actor_info info_of(const std::string& name, const node_state::entry& entry) {
  return {name, entry.type, entry.actor};
}

node_description describe(const node_state& state) {
  node_description out;
  out.host = state.settings.host;
  out.version = version;
  out.process = static_cast<std::uint64_t>(getpid());
  out.machine = state.settings.machine;
  out.memory_bytes = state.settings.memory_bytes;
  out.memory_is_set = state.settings.memory_is_set;
  for (const auto& [name, entry] : state.actors)
    out.actors.push_back(info_of(name, entry));
  if (const auto& tls = state.settings.tls) {
    out.refused = to_list(tls->refusals());
    out.certificates_until = date_text(tls->shown_until());
  }
  if (state.settings.renewal_trouble)
    out.renewal_trouble = state.settings.renewal_trouble();
  if (const auto port = state.settings.frames ? state.settings.frames->if_open() : nullptr)
    out.frames_dropped = to_list(port->dropped());
  return out;
}

void tell_watchers(self_ptr self, const actor_event& event) {
  for (const auto& watcher : self->state.watchers)
    self->send(caf::actor_cast<watcher_actor>(watcher), event);
}

caf::result<actor_info> spawn(self_ptr self, const spawn_request& request) {
  auto& state = self->state;
  if (state.ending)
    return to_caf({errc::cancelled, "host " + state.settings.host + " is being stopped"});
  if (auto ok = check_name("actor", request.name); !ok)
    return to_caf(ok.error());
  if (state.actors.contains(request.name))
    return to_caf(
        {errc::already_exists,
         "host " + state.settings.host + " already has an actor named \"" + request.name + "\""});
  const auto* type = state.types->find(request.type);
  if (type == nullptr || !type->spawn)
    return to_caf({errc::not_found, "host " + state.settings.host + " knows no actor type \"" +
                                        request.type + "\"; it can start " +
                                        state.types->spawnable_names()});
  const auto settings = json::parse(request.settings, nullptr, false);
  if (settings.is_discarded())
    return to_caf({errc::bad_config, "settings of \"" + request.name + "\" are not JSON"});
  auto made = type->spawn(self->system(),
                          {request.name, state.settings.host, caf::actor_cast<actor_ref>(self),
                           state.settings.tls, state.settings.frames, state.settings.address,
                           state.settings.listen},
                          settings);
  if (!made)
    return to_caf(made.error());
  self->monitor(*made);
  if (request.owner)
    self->monitor(request.owner);
  const node_state::entry entry{request.type, *made, request.owner};
  state.actors.emplace(request.name, entry);
  spdlog::debug("started {} \"{}\"", request.type, request.name);
  tell_watchers(self, {state.settings.host, request.name, request.type, "started", ""});
  return info_of(request.name, entry);
}

caf::error nobody(const node_state& state, const std::string& name) {
  return to_caf(
      {errc::not_found, "host " + state.settings.host + " has no actor named \"" + name + "\""});
}

caf::result<actor_info> find(self_ptr self, const find_request& request) {
  const auto it = self->state.actors.find(request.name);
  if (it == self->state.actors.end())
    return nobody(self->state, request.name);
  return info_of(it->first, it->second);
}

caf::result<actor_info> stop(self_ptr self, const stop_request& request) {
  auto& state = self->state;
  const auto it = state.actors.find(request.name);
  if (it == state.actors.end())
    return nobody(state, request.name);
  auto promise = self->make_response_promise<actor_info>();
  state.stopping[request.name].push_back(promise);
  caf::anon_send_exit(it->second.actor, caf::exit_reason::user_shutdown);
  return promise;
}

/// A node that was told to end does so after everything it looks after.
void quit_when_empty(self_ptr self) {
  if (self->state.ending && self->state.actors.empty())
    self->quit(*self->state.ending);
}

/// An actor of ours, an owner of one, or a watcher is gone.
void on_down(self_ptr self, const caf::down_msg& down) {
  auto& state = self->state;
  std::erase_if(state.watchers, [&](const auto& w) { return down.source == w; });
  // An actor may know another way to an owner who is merely out of reach.
  const auto is_out_of_reach = down.reason == caf::exit_reason::remote_link_unreachable;
  for (const auto& [name, entry] : state.actors)
    if (entry.owner && down.source == entry.owner)
      caf::anon_send_exit(entry.actor, is_out_of_reach ? caf::exit_reason::remote_link_unreachable
                                                       : caf::exit_reason::user_shutdown);
  const auto it = std::find_if(state.actors.begin(), state.actors.end(),
                               [&](const auto& x) { return down.source == x.second.actor; });
  if (it == state.actors.end())
    return;
  const auto info = info_of(it->first, it->second);
  state.actors.erase(it);
  const auto why = reason_text(down.reason);
  spdlog::debug("{} \"{}\" ended: {}", info.type, info.name, why);
  tell_watchers(self, {state.settings.host, info.name, info.type, "ended", why});
  if (const auto waiting = state.stopping.extract(info.name); !waiting.empty())
    for (auto promise : waiting.mapped())
      promise.deliver(info);
  quit_when_empty(self);
}

caf::result<revocations_reply> add_revocations(const node_settings& settings,
                                               const revocations_request& request) {
  if (!settings.tls)
    return to_caf({errc::unsupported, "this host has no credentials and checks nobody's"});
  const auto der = from_pem("the revocation list", pem_kind::revocation_list, request.pem);
  if (!der)
    return to_caf(der.error());
  const auto is_new = settings.tls->add_revocations(*der);
  if (!is_new)
    return to_caf(is_new.error());
  return revocations_reply{*is_new};
}

caf::result<frame_contact> contact_of(const node_settings& settings) {
  if (!settings.frames)
    return to_caf({errc::unsupported, "host " + settings.host + " hears no ZeroMQ"});
  const auto port = settings.frames->open();
  if (!port)
    return to_caf(in_context("host " + settings.host, port.error()));
  return (*port)->contact();
}

} // namespace

node_inside::behavior_type node(self_ptr self, node_settings settings,
                                std::shared_ptr<const actor_registry> types) {
  self->state.settings = std::move(settings);
  self->state.types = std::move(types);
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    self->state.ending = exit.reason;
    for (const auto& [name, entry] : self->state.actors)
      caf::anon_send_exit(entry.actor, caf::exit_reason::user_shutdown);
    quit_when_empty(self);
  });
  return {
      [self](const node_describe_request&) { return describe(self->state); },
      [self](const spawn_request& request) { return spawn(self, request); },
      [self](const find_request& request) { return find(self, request); },
      [self](const stop_request& request) { return stop(self, request); },
      [self](const dial_request& request) { return dial(self, request); },
      [self](const watch_request& request) -> caf::result<node_description> {
        if (!request.watcher)
          return to_caf({errc::bad_request, "watch_request names no watcher"});
        self->monitor(request.watcher);
        self->state.watchers.push_back(request.watcher);
        return describe(self->state);
      },
      [self](const revocations_request& request) {
        return add_revocations(self->state.settings, request);
      },
      [self](const frames_request&) { return contact_of(self->state.settings); },
      [self](const dial_again& again) { try_dial(self, again.dial); },
  };
}

} // namespace dci
