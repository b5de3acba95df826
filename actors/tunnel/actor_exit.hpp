// A tunnel's exit as an actor: its thread moves the bytes.
#pragma once

#include <memory>
#include <string>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/tunnel/tunnel_exit.hpp"

namespace dci {

struct tunnel_exit_state {
  std::unique_ptr<tunnel_exit> exit;
  std::string entry;
  std::string udp_door; ///< as others are told
};
using tunnel_exit_pointer = tunnel_exit_actor::stateful_pointer<tunnel_exit_state>;

/// Quits with the reason where its doors cannot be, or its host has no credentials. An entry that
/// is not there yet is dialled again.
tunnel_exit_actor::behavior_type keep_tunnel_exit(tunnel_exit_pointer self, spawn_context context,
                                                  tunnel_exit_config config);

} // namespace dci
