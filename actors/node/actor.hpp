// The node as an actor: the supervisor of one host.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/io/middleman_actor.hpp>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "net/frames/lazy_frame_port.hpp"
#include "net/tls/tls_context.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/seed.hpp"

namespace dci {

/// What a host knows of itself when it starts.
struct node_settings {
  std::string host;
  std::string machine;
  std::uint64_t memory_bytes = 0;
  bool memory_is_set = false;
  std::shared_ptr<tls_context> tls;             ///< null: this host stays on its machine
  caf::io::middleman_actor tls_middleman;       ///< with tls: who dials
  std::shared_ptr<lazy_frame_port> frames;      ///< null: no ZeroMQ here
  std::string address;                          ///< where others dial it; empty: nowhere
  std::string listen;                           ///< where it listens, if it does
  std::function<std::string()> renewal_trouble; ///< may be null; from any thread
};

using node_inside = node_actor::extend<caf::reacts_to<dial_again>>;
struct node_state;
using node_pointer = node_inside::stateful_pointer<node_state>;

struct node_state {
  node_state() = default;

  struct entry {
    std::string type;
    actor_ref actor;
    actor_ref owner; ///< whose end is its end; may be null
  };
  struct dial {
    std::string host;
    std::uint16_t port = 0;
    std::chrono::steady_clock::time_point deadline;
    caf::typed_response_promise<dial_reply> promise;
  };

  node_settings settings;
  std::shared_ptr<const actor_registry> types;
  std::map<std::string, entry> actors;
  std::map<std::string, std::vector<caf::typed_response_promise<actor_info>>> stopping;
  std::vector<actor_ref> watchers;
  std::map<std::uint64_t, dial> dials;
  std::uint64_t next_dial = 0;
  random_source random{machine_seed()};
  std::optional<caf::error> ending; ///< why, once it was told to
};

node_inside::behavior_type node(node_pointer self, node_settings settings,
                                std::shared_ptr<const actor_registry> types);

/// Connects to another host (actor_dial.cpp).
caf::result<dial_reply> dial(node_pointer self, const dial_request& request);
void try_dial(node_pointer self, std::uint64_t id);

} // namespace dci
