// The ring as an actor: assembles the pipeline, owns its sessions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "actors/ring/generation.hpp"
#include "actors/ring/waiting_line.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

using ring_inside = ring_actor::extend<caf::reacts_to<ring_tick>>;

struct ring_state {
  ring_state() = default;

  enum class phase { apart, assembling, ready };

  struct stage {
    std::string host;
    std::string address; ///< empty: the ring's own host
    std::string actor;
    bool is_ours = false;   ///< started by this ring, ended by it
    node_description about; ///< its host
    std::optional<layer_span> wanted;
    layer_span layers;
    node_actor node;
    shard_executor_actor executor;
    shard_description shard;
  };
  struct session {
    generation answer;
    text_sink_actor sink;
    /// Who asked for it; answered when every stage has made room.
    caf::typed_response_promise<generate_reply> asked;
    bool is_open = false;
    /// What every stage is asked; until the session is open.
    open_session_request wanted;
    std::uint64_t ticket = 0; ///< by which it waits for room
  };

  spawn_context context;
  ring_settings settings;
  phase now = phase::apart;
  /// Counts the attempts to assemble; answers of an older one are ignored.
  epoch_id epoch;
  std::shared_ptr<const model_files> model;
  std::shared_ptr<const tokenizer> tokens;
  std::vector<stage> stages;
  std::vector<caf::typed_response_promise<ring_description>> waiting;
  error lost; ///< why the last ring fell apart
  std::map<session_id, session> sessions;
  waiting_line line;
  std::uint32_t opening = 0;  ///< attempts to open a session that are under way
  std::uint64_t attempts = 0; ///< made so far
  bool ticking = false;
};

/// An error's own default is "internal".
inline const error nothing_wrong{errc::none, {}};

using ring_pointer = ring_inside::stateful_pointer<ring_state>;

ring_inside::behavior_type ring(ring_pointer self, spawn_context context, ring_settings settings);

/// Begins to put the ring together; actor_assembly.cpp.
void assemble(ring_pointer self);
/// The stages stop, whoever waits for the ring gets the error.
void fall_apart(ring_pointer self, const error& why);
std::string label(const ring_state& state, std::size_t stage);
ring_description describe(const ring_state& state);

/// Sessions; actor_sessions.cpp.
caf::result<generate_reply> generate(ring_pointer self, generate_request& request);
void take_tokens(ring_pointer self, tokens_event& event);
/// Lets sessions in that wait for room, as long as there is some.
void let_in(ring_pointer self);
/// why: nothing_wrong when somebody wants no more of it.
void end_session(ring_pointer self, session_id session, const error& why);
void end_all_sessions(ring_pointer self, const error& why);
void end_stalled_sessions(ring_pointer self);

} // namespace dci
