// The ring as an actor: assembles the pipeline, owns its sessions.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/protocols.hpp"
#include "actors/registry.hpp"
#include "actors/ring/generation.hpp"
#include "actors/ring/waiting_line.hpp"
#include "actors/step_link/actor_link.hpp"
#include "tensors/files/model_files.hpp"

namespace dci {

using ring_inside = ring_actor::extend<caf::reacts_to<ring_tick>, caf::reacts_to<frame_arrived>,
                                       caf::reacts_to<link_found>, caf::reacts_to<link_tick>>;

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
    transport to_next = transport::any; ///< of the link from it to the next stage
    frame_contact frames;               ///< where its host hears ZeroMQ; empty: nowhere
    actor_link link;                    ///< the ring's own to it
  };
  /// What the stages said to one attempt to open a session.
  struct opening {
    session_id session;
    std::vector<bool> answered; ///< by stage
    std::size_t left = 0;       ///< stages that have not
    std::uint32_t known = 0;    ///< to all of them
    std::optional<error> refused;
    std::uint64_t rooms = 0;  ///< there were when it began
    bool began_alone = false; ///< with nobody who holds or asks for room
    std::chrono::steady_clock::time_point deadline;
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
  std::map<std::uint64_t, opening> openings; ///< attempts that are under way, by number
  std::uint64_t attempts = 0;                ///< made so far
  bool ticking = false;
  frame_contact frames; ///< of the ring's own host
  bool is_looking_after_links = false;
};

/// An error's own default is "internal".
inline const error nothing_wrong{errc::none, {}};

using ring_pointer = ring_inside::stateful_pointer<ring_state>;

ring_inside::behavior_type ring(ring_pointer self, spawn_context context, ring_settings settings);

/// Begins to put the ring together; actor_assembly.cpp.
void assemble(ring_pointer self);
/// How to reach a stage; actor_wiring.cpp.
link_end end_of(const ring_state::stage& stage);

/// Its links to the stages, made when all else is ready; actor_links.cpp.
result make_links(ring_pointer self);
void take_frame(ring_pointer self, step_frame& frame, const frame_route* by);
void take_report(ring_pointer self, const link_report_event& report, const frame_route* by);
void take_arrived(ring_pointer self, frame_arrived& arrived);
void take_found(ring_pointer self, const link_found& found);
void tick_links(ring_pointer self);
/// True when it was a stage whose host is out of CAF's reach.
bool take_down(ring_pointer self, const caf::down_msg& down);
/// What a stage says; actor.cpp.
void take_message(ring_pointer self, std::uint32_t stage, step_message& message);

/// The stages stop, whoever waits for the ring gets the error.
void fall_apart(ring_pointer self, const error& why);
/// A stage that is gone takes its ring with it; actor_links.cpp.
void lose_stage(ring_pointer self, const error& why);
/// This stage says that it cannot reach the next one.
void lose_next_of(ring_pointer self, std::uint32_t stage);
std::string label(const ring_state& state, std::size_t stage);
ring_description describe(const ring_state& state);

/// Sessions; actor_sessions.cpp.
caf::result<generate_reply> generate(ring_pointer self, generate_request& request);
void take_tokens(ring_pointer self, tokens_event& event);
void take_opened(ring_pointer self, std::uint32_t stage, const open_session_reply& reply);
/// Lets sessions in that wait for room, as long as there is some.
void let_in(ring_pointer self);
/// why: nothing_wrong when somebody wants no more of it.
void end_session(ring_pointer self, session_id session, const error& why);
void end_all_sessions(ring_pointer self, const error& why);
void end_stalled_sessions(ring_pointer self);

} // namespace dci
