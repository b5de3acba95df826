// A relay as an actor: its thread moves the bytes, the actor says how.
#pragma once

#include <memory>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/shaping/datagram_relay.hpp"
#include "net/shaping/stream_relay.hpp"

namespace dci {

/// One of the two relays.
struct relay_state {
  std::unique_ptr<stream_relay> tcp;
  std::unique_ptr<datagram_relay> udp;
  relay_description is;
};
using relay_pointer = relay_actor::stateful_pointer<relay_state>;

/// Quits with the reason where it cannot listen.
relay_actor::behavior_type relay(relay_pointer self, spawn_context context, relay_config config);

} // namespace dci
