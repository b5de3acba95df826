// One stage of a ring, as a pure state machine: messages in, messages out. No
// actor, no thread, no clock. It owns the layer range and the caches of the
// sessions, and takes only steps of its own epoch, each once and in order.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/shard_executor/messages.hpp"
#include "tensors/decoder/layer_range.hpp"

namespace dci {

/// Where in the ring the stage stands.
struct stage_place {
  epoch_id epoch;
  std::uint32_t stage = 0;
  std::uint32_t stages = 1;
  std::uint32_t prompt_chunk = 128;
};

/// What a stage wants sent, in order.
struct stage_output {
  std::vector<std::variant<token_step, hidden_step, step_done_event>> to_next;
  std::vector<std::variant<token_event, step_failed_event>> to_ring;
};

class stage {
 public:
  stage(std::shared_ptr<const layer_range> range, stage_place place);

  /// Makes the session's cache. Errors: bad_request (old epoch, session
  /// already open, empty prompt, bad settings), context_full.
  expected<open_session_reply> open(const open_session_request& request);
  void close(const close_session_event& event);

  /// First stage: runs the tokens, a long prompt piece by piece with only as
  /// many pieces in the ring as keep every stage busy.
  stage_output take(token_step step);
  /// Any stage but the first.
  stage_output take(hidden_step step);
  /// First stage: one piece is through.
  stage_output take(const step_done_event& event);

  const stage_place& place() const {
    return place_;
  }
  std::uint32_t sessions() const {
    return static_cast<std::uint32_t>(sessions_.size());
  }
  std::uint64_t steps() const {
    return steps_;
  }
  std::uint64_t dropped() const {
    return dropped_;
  }

 private:
  struct session_state {
    std::unique_ptr<kv_cache> cache;
    open_session_request settings;
    std::vector<token_id> history; ///< last stage: prompt and answer so far
    std::uint32_t generated = 0;
    std::deque<token_id> waiting; ///< first stage: prompt not yet in the ring
    step_id next;
    step_id through; ///< first stage: earlier steps have left the ring
  };

  /// The session a step is for; nullptr when the step is dropped or refused
  /// (then out says so).
  template <class Step>
  session_state* admit(const Step& step, stage_output& out);
  void feed(session_state& session, stage_output& out);
  void pass_on(session_state& session, expected<activation> rows, step_id step,
               std::uint32_t position, bool sample, stage_output& out);
  void pick_token(session_state& session, const activation& rows, step_id step, stage_output& out);
  void refuse(session_id session, step_id step, error why, stage_output& out);

  std::shared_ptr<const layer_range> range_;
  stage_place place_;
  std::unordered_map<session_id, session_state> sessions_;
  std::set<session_id> closed_; ///< their late steps are dropped, not refused
  std::deque<session_id> closed_order_;
  std::uint64_t steps_ = 0;
  std::uint64_t dropped_ = 0;
};

} // namespace dci
