// What one hop of a ring costs: activations handed from actor to actor over CAF.
#pragma once

#include <cstdint>

#include "apps/dci-bench/measurement.hpp"
#include "runtime/base/error.hpp"

namespace dci {

struct hop_flags {
  std::uint32_t bytes = 8192;
  std::uint32_t turns = 3000; ///< of one round
  std::uint32_t rounds = 5;
};

/// Turns of a hidden_pass round a ring of three processes, a third of each; in turn
/// with as many bytes round a ring of threads in three processes on plain TCP.
expected<measurement> measure_hop(const hop_flags& flags);

/// The other processes of that ring: they hand on what comes.
struct hop_peer_flags {
  std::uint16_t actor_port = 0, socket_port = 0;           ///< where to listen
  std::uint16_t next_actor_port = 0, next_socket_port = 0; ///< whom to tell
  std::uint32_t bytes = 0;
};
result run_hop_peer(const hop_peer_flags& flags);

} // namespace dci
