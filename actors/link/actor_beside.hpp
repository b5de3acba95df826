// Finding the actors that stand beside one on its host.
#pragma once

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

/// Asks the actor called `whose` on this host; then(reply) is called with its answer. The asker
/// ends where there is none.
template <class Handle, class Reply, class Self, class Request, class Then>
void ask_beside(Self* self, const spawn_context& context, const std::string& whose, Request request,
                Then then) {
  const auto node = caf::actor_cast<node_actor>(context.node);
  const auto failed = [self, name = context.name](caf::error& e) { give_up(self, name, e); };
  self->request(node, longest_wait_beside, find_request{whose})
      .then(
          [=](const actor_info& found) {
            self->request(caf::actor_cast<Handle>(found.actor), longest_wait_beside, request)
                .then([=](Reply& reply) { then(reply); }, failed);
          },
          failed);
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
