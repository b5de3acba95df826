// One stage of a ring, as a pure state machine: messages in, messages out. No
// actor, no thread, no clock. It owns the layer range and the caches of the
// sessions, and takes only steps of its own epoch, each once and in order.
//
// Messages are taken as they come, and run together: one call of run() is one
// forward, with a step of every session that is due, and a piece of the prompts.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/shard_executor/messages.hpp"
#include "actors/shard_executor/steps.hpp"
#include "tensors/decoder/layer_range.hpp"
#include "tensors/decoder/proposer.hpp"

namespace dci {

/// Where in the ring the stage stands.
struct stage_place {
  epoch_id epoch;
  std::uint32_t stage = 0;
  std::uint32_t stages = 1;
  std::uint32_t prompt_chunk = 128; ///< most positions of prompts in one pass
  std::uint32_t passes = 1;         ///< under way in the ring at once
};

/// What a stage wants sent, in this order.
struct stage_output {
  std::vector<step_failed_event> failed;
  tokens_event tokens;                                        ///< to the ring, if there are any
  std::variant<std::monostate, hidden_pass, turn_event> next; ///< to the next stage
};

class stage {
 public:
  /// proposers: last stage: who guesses ahead; none for nobody.
  stage(std::shared_ptr<const layer_range> range, stage_place place,
        proposer_factory proposers = {});

  /// Makes the session's cache. Errors: bad_request (old epoch, session already
  /// open, empty prompt, bad settings), context_full, busy.
  expected<open_session_reply> open(const open_session_request& request);
  void close(const close_session_event& event);

  /// First stage: tokens that are due. A long prompt goes piece by piece.
  void take(token_step step);
  /// Any stage but the first.
  void take(hidden_pass pass);
  /// First stage.
  void take(turn_event event);

  /// Whether run() has something to do.
  bool is_due() const;
  stage_output run();

  const stage_place& place() const {
    return place_;
  }
  std::uint32_t sessions() const {
    return static_cast<std::uint32_t>(sessions_.size());
  }
  std::uint64_t steps() const {
    return steps_;
  }
  std::uint64_t passes() const {
    return passes_;
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
    std::unique_ptr<proposer> guesser; ///< last stage, if anybody guesses
    std::uint32_t guesses = 0;         ///< how many at once
    std::deque<token_id> waiting;      ///< first stage: prompt not yet in the ring
    bool is_due = false;               ///< first stage: the next step has come, and has not run
    step_id next;
    std::uint32_t firm = 0; ///< positions that no later step may take back
  };
  // One session's part of the pass that run() is at.
  struct work {
    session_state* session = nullptr;
    hidden_step step; ///< rows in, rows out
  };

  /// The session a step is for, cut back to the step's position; nullptr when the
  /// step is dropped or refused.
  session_state* admit(session_id id, step_id step, std::uint32_t position);
  std::vector<work> first_stage_work();
  void add_turns(std::vector<work>& out);
  void add_prompts(std::vector<work>& out);
  static work next_step(session_state& session, std::vector<token_id> tokens,
                        std::uint32_t samples);
  std::vector<work> further_stage_work(std::uint32_t& passes);
  void forward(std::vector<work>& works);
  turn_event sample_all(std::vector<work>& works, std::uint32_t passes, tokens_event& out);
  std::optional<token_step> sample_step(work& done, std::span<expected<std::vector<float>>> logits,
                                        tokens_event& out);
  finish_reason finish_after(const session_state& session, token_id token,
                             std::uint32_t position) const;
  std::vector<token_id> guess(session_state& session);
  void refuse(session_id session, step_id step, error why);

  std::shared_ptr<const layer_range> range_;
  stage_place place_;
  proposer_factory proposers_;
  std::unordered_map<session_id, session_state> sessions_;
  std::set<session_id> closed_; ///< their late steps are dropped, not refused
  std::deque<session_id> closed_order_;
  std::deque<token_step> turns_;    ///< first stage: tokens that came round the ring
  std::deque<session_id> prompts_;  ///< first stage: who has prompt waiting, in turn
  std::deque<hidden_pass> arrived_; ///< further stages
  std::uint32_t under_way_ = 0;     ///< first stage: passes that have not come round
  std::vector<step_failed_event> failed_;
  std::uint64_t steps_ = 0;
  std::uint64_t passes_ = 0;
  std::uint64_t dropped_ = 0;
};

} // namespace dci
