// Finding the actors that stand beside one on its host.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <caf/typed_event_based_actor.hpp>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/datagram/node_link.hpp"
#include "runtime/base/log.hpp"

namespace dci {

inline constexpr std::chrono::seconds longest_wait_beside{10};

/// Ends an actor that lacks what it needs, with the reason.
template <class Self>
void give_up(Self* self, const std::string& name, const caf::error& why) {
  spdlog::error("{}: {}", name, from_caf(why).message);
  self->quit(why);
}

/// then(handle) with the actor called `whose` on this host. The asker ends where there is none.
template <class Handle, class Self, class Then>
void find_beside(Self* self, const spawn_context& context, const std::string& whose, Then then) {
  const auto node = caf::actor_cast<node_actor>(context.node);
  self->request(node, longest_wait_beside, find_request{whose})
      .then([=](const actor_info& found) { then(caf::actor_cast<Handle>(found.actor)); },
            [self, name = context.name](caf::error& e) { give_up(self, name, e); });
}

/// Asks it; then(reply) with its answer. The asker ends where there is none.
template <class Handle, class Reply, class Self, class Request, class Then>
void ask_beside(Self* self, const spawn_context& context, const std::string& whose, Request request,
                Then then) {
  find_beside<Handle>(self, context, whose, [=, name = context.name](const Handle& found) {
    self->request(found, longest_wait_beside, request)
        .then([=](Reply& reply) { then(reply); },
              [self, name](caf::error& e) { give_up(self, name, e); });
  });
}

/// For node_link::serve: sends the actor a Turn of its own.
template <class Inside, class Turn, class Self>
std::function<void()> turn_note(Self* self) {
  return [to = caf::actor_cast<caf::weak_actor_ptr>(self)] {
    if (const auto strong = to.lock())
      caf::anon_send(caf::actor_cast<Inside>(strong), Turn{});
  };
}

/// then(link), a pointer that is never null.
template <class Self, class Then>
void open_link_beside(Self* self, const spawn_context& context, const std::string& whose,
                      Then then) {
  ask_beside<link_actor, link_handle>(
      self, context, whose, open_link_request{}, [=](link_handle& opened) {
        if (opened.link)
          then(opened.link);
        else
          give_up(self, context.name,
                  to_caf({errc::bad_config, "\"" + whose + "\" is a link of another process"}));
      });
}

} // namespace dci
