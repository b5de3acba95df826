// What the stages of a ring tell one another and the ring. Steps of several
// sessions travel together, as a pass:
// ring -> first stage -> ... -> last stage -> first stage.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/reflect.hpp"
#include "tensors/decoder/activation_json.hpp"

namespace dci {

/// To the first stage: the ids of the next positions. The prompt comes from the
/// ring, each further token with a turn_event from the last stage. Positions from
/// `position` on that the session has computed already are forgotten.
struct token_step {
  session_id session;
  epoch_id epoch;
  step_id step;
  std::uint32_t position = 0;
  std::vector<token_id> tokens;
  std::uint32_t proposals = 0;

  static constexpr std::string_view type_name = "token_step";
  static constexpr auto fields() {
    using self = token_step;
    return std::tuple{required("session", &self::session, "its number"),
                      required("epoch", &self::epoch, "the ring's epoch"),
                      required("step", &self::step, "the step these tokens begin"),
                      required("position", &self::position, "position of the first one"),
                      required("tokens", &self::tokens, "vocabulary ids"),
                      field("proposals", &self::proposals,
                            "how many of them, the last ones, are "
                            "guesses to be checked")};
  }
};

/// One session's part of a pass: its rows after the sender's blocks. Written by
/// stages only, so no field can be left out.
struct hidden_step {
  session_id session;
  step_id step;
  std::uint32_t position = 0;
  std::vector<token_id> tokens;
  std::uint32_t samples = 0;
  activation rows;

  static constexpr std::string_view type_name = "hidden_step";
  static constexpr auto fields() {
    using self = hidden_step;
    return std::tuple{required("session", &self::session, "its number"),
                      required("step", &self::step, "counts from 0 within the session"),
                      required("position", &self::position, "position of the first row"),
                      required("tokens", &self::tokens, "the ids at these positions"),
                      required("samples", &self::samples,
                               "how many rows, the last ones, may be followed by a token"),
                      required("rows", &self::rows, "[positions, hidden], F32")};
  }
};

/// From stage to stage. passes: how many the first stage sent that are now one.
struct hidden_pass {
  epoch_id epoch;
  std::uint32_t passes = 1;
  std::vector<hidden_step> steps;

  static constexpr std::string_view type_name = "hidden_pass";
  static constexpr auto fields() {
    using self = hidden_pass;
    return std::tuple{required("epoch", &self::epoch, "the ring's epoch"),
                      required("passes", &self::passes, "passes that became this one"),
                      required("steps", &self::steps, "each of another session")};
  }
};

/// From the last stage to the first: passes are through, and what follows them.
struct turn_event {
  epoch_id epoch;
  std::uint32_t passes = 1;
  std::vector<token_step> next;

  static constexpr std::string_view type_name = "turn_event";
  static constexpr auto fields() {
    using self = turn_event;
    return std::tuple{required("epoch", &self::epoch, "the ring's epoch"),
                      required("passes", &self::passes, "passes that are through"),
                      required("next", &self::next, "the tokens that came out of them")};
  }
};

/// Why an answer ended.
enum class finish_reason : std::uint8_t {
  none,
  end_of_sequence,
  length,
  stop_string,
  cancelled,
  failed
};
std::string_view to_string(finish_reason reason) noexcept;

/// One token of an answer.
struct new_token {
  session_id session;
  std::uint32_t index = 0;
  token_id token = 0;
  finish_reason finish = finish_reason::none;
  activation logits;

  static constexpr std::string_view type_name = "new_token";
  static constexpr auto fields() {
    using self = new_token;
    return std::tuple{
        required("session", &self::session, "its number"),
        required("index", &self::index, "counts the answer's tokens from 0"),
        required("token", &self::token, "its vocabulary id"),
        field("finish", &self::finish, "whether, and why, it is the last one"),
        field("logits", &self::logits, "[1, vocab] after the prompt, where asked for")};
  }
};

/// From the last stage to the ring: the tokens of a pass.
struct tokens_event {
  epoch_id epoch;
  std::vector<new_token> tokens;

  static constexpr std::string_view type_name = "tokens_event";
  static constexpr auto fields() {
    return std::tuple{required("epoch", &tokens_event::epoch, "the ring's epoch"),
                      required("tokens", &tokens_event::tokens, "of any sessions")};
  }
};

/// From any stage to the ring: the session cannot go on.
struct step_failed_event {
  session_id session;
  epoch_id epoch;
  step_id step;
  std::uint32_t stage = 0;
  errc code = errc::internal;
  std::string message;

  static constexpr std::string_view type_name = "step_failed_event";
  static constexpr auto fields() {
    using self = step_failed_event;
    return std::tuple{required("session", &self::session, "its number"),
                      required("epoch", &self::epoch, "the ring's epoch"),
                      required("step", &self::step, "the step that failed"),
                      required("stage", &self::stage, "where"),
                      required("code", &self::code, "the kind of error"),
                      required("message", &self::message, "what went wrong")};
  }
};

/// From a stage to its ring: the next stage does not answer, over anything.
struct link_lost_event {
  epoch_id epoch;
  std::uint32_t stage = 0;

  static constexpr std::string_view type_name = "link_lost_event";
  static constexpr auto fields() {
    return std::tuple{required("epoch", &link_lost_event::epoch, "the ring's epoch"),
                      required("stage", &link_lost_event::stage, "who cannot reach the next one")};
  }
};

} // namespace dci
