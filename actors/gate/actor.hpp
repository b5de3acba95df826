// The gate as an actor: strangers' questions in, what their role allows out.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "actors/gate/keeper.hpp"
#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/datagram/node_link.hpp"
#include "runtime/base/log_limit.hpp"

namespace dci {

/// Where an answer goes: by the way that the question came.
struct gate_asker {
  node_id who;
  std::string actor; ///< who asked, there
  frame_route route;
  std::uint64_t number = 0; ///< of the question
};

struct gate_state {
  gate_state() = default;

  /// An answer under way.
  struct session {
    gate_asker to;
    actor_ref ring;
  };

  spawn_context context;
  gate_config config;
  std::unique_ptr<gate_keeper> keeper;
  std::shared_ptr<node_link> link;
  std::shared_ptr<frame_port> port;
  /// Who was let in, with the key that he says is his. Both halves are proved when a frame comes by
  /// that key which names him.
  std::set<std::pair<curve_key, node_id>> peers;
  std::map<session_id, session> sessions;
  std::map<std::string, std::uint64_t> refused;
  log_limit refusals_logged;
  std::uint64_t questions = 0;
};

using gate_inside =
    gate_actor::extend<caf::reacts_to<gate_turn>, caf::reacts_to<frame_arrived>,
                       caf::reacts_to<text_event>, caf::reacts_to<session_end_event>>;
using gate_pointer = gate_inside::stateful_pointer<gate_state>;

/// Quits with the reason on a host without credentials, where there is no link, or where another
/// gate has its channel.
gate_inside::behavior_type gate(gate_pointer self, spawn_context context, gate_config config);

} // namespace dci
