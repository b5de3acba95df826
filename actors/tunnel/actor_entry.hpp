// A tunnel's entry as an actor: its thread moves the bytes.
#pragma once

#include <memory>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/tunnel/tunnel_entry.hpp"

namespace dci {

struct tunnel_entry_state {
  std::unique_ptr<tunnel_entry> entry;
};
using tunnel_entry_pointer = tunnel_entry_actor::stateful_pointer<tunnel_entry_state>;

/// Quits with the reason where it cannot listen, or its host has no credentials.
tunnel_entry_actor::behavior_type
keep_tunnel_entry(tunnel_entry_pointer self, spawn_context context, tunnel_entry_config config);

} // namespace dci
