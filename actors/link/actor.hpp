// The link as an actor: opens the node's socket, and hands it to the actors beside it.
#pragma once

#include <memory>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"

namespace dci {

struct link_state {
  std::shared_ptr<node_link> link;
};
using link_pointer = link_actor::stateful_pointer<link_state>;

/// Quits with the reason where it cannot listen.
link_actor::behavior_type link(link_pointer self, spawn_context context, link_config config);

} // namespace dci
