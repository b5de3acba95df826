// What a shard executor is told and tells. Activations flow
// ring -> first stage -> ... -> last stage -> first stage, one message a step;
// every one names (session, epoch, step).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/layers.hpp"
#include "runtime/base/reflect.hpp"
#include "tensors/decoder/activation_json.hpp"
#include "tensors/decoder/sampling.hpp"

namespace dci {

/// What a topology file or the console says when it makes a shard executor.
struct shard_settings {
  std::filesystem::path model;
  std::optional<layer_span> layers;
  std::uint32_t threads = 0;
  std::uint32_t prompt_chunk = 128;
  std::string backend = "native";

  static constexpr std::string_view type_name = "shard_settings";
  static constexpr auto fields() {
    return std::tuple{
        required("model", &shard_settings::model, "the model's folder or .gguf file"),
        field("layers", &shard_settings::layers, "blocks [first, last); all of them if absent"),
        field("threads", &shard_settings::threads,
              "compute threads of this process; 0: one a core"),
        field("prompt_chunk", &shard_settings::prompt_chunk,
              "most positions of a prompt in one step"),
        field("backend", &shard_settings::backend,
              "native: our own kernels, bit-exact; torch: LibTorch's operators in F32"),
    };
  }
};

/// Reads the weights. Answered when they are in memory; asked again, answers at
/// once.
struct load_request {
  static constexpr std::string_view type_name = "load_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// "What are you?" Answered by shard_description.
struct shard_describe_request {
  static constexpr std::string_view type_name = "shard_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct shard_description {
  std::string model;
  std::string fingerprint;
  layer_span layers;
  std::uint32_t model_layers = 0;
  std::uint32_t hidden = 0;
  std::uint32_t vocab = 0;
  std::uint32_t context = 0;
  std::uint64_t weight_bytes = 0;
  std::uint64_t kv_bytes_per_position = 0;
  std::uint32_t sessions = 0;
  std::uint64_t steps = 0;
  std::uint64_t dropped = 0;
  bool loaded = false;

  static constexpr std::string_view type_name = "shard_description";
  static constexpr auto fields() {
    using self = shard_description;
    return std::tuple{
        field("model", &self::model, "the model's folder or .gguf file"),
        field("fingerprint", &self::fingerprint,
              "SHA-256 over its configuration and tensor tables"),
        field("layers", &self::layers, "the blocks it runs"),
        field("model_layers", &self::model_layers, "blocks of the whole model"),
        field("hidden", &self::hidden, "columns of an activation"),
        field("vocab", &self::vocab, "entries of the vocabulary"),
        field("context", &self::context, "positions the model was made for"),
        field("weight_bytes", &self::weight_bytes, "bytes of weights it reads"),
        field("kv_bytes_per_position", &self::kv_bytes_per_position, "cache bytes per position"),
        field("sessions", &self::sessions, "sessions open now"),
        field("steps", &self::steps, "steps run since it was made"),
        field("dropped", &self::dropped,
              "messages dropped: old epoch, closed session, repeated step"),
        field("loaded", &self::loaded, "whether the weights are in memory"),
    };
  }
};

/// Makes room for a session. Asked of every stage before its first step.
struct open_session_request {
  session_id session;
  epoch_id epoch;
  std::uint32_t positions = 0;
  std::uint32_t max_tokens = 0;
  std::vector<token_id> prompt;
  std::vector<token_id> end_ids;
  sampling_settings sampling;
  bool want_logits = false;

  static constexpr std::string_view type_name = "open_session_request";
  static constexpr auto fields() {
    using self = open_session_request;
    return std::tuple{
        required("session", &self::session, "its number"),
        required("epoch", &self::epoch, "the ring's epoch"),
        required("positions", &self::positions, "most positions, prompt and answer together"),
        required("max_tokens", &self::max_tokens, "most tokens of the answer"),
        required("prompt", &self::prompt, "ids of the prompt (last stage: repetition penalty)"),
        field("end_ids", &self::end_ids, "tokens that end the answer"),
        field("sampling", &self::sampling, "how the last stage picks tokens"),
        field("want_logits", &self::want_logits, "send the logits after the prompt along"),
    };
  }
};

struct open_session_reply {
  session_id session;
  std::uint32_t stage = 0;

  static constexpr std::string_view type_name = "open_session_reply";
  static constexpr auto fields() {
    using self = open_session_reply;
    return std::tuple{field("session", &self::session, "its number"),
                      field("stage", &self::stage, "who made room")};
  }
};

/// Frees what a session holds. Steps of it that are still under way are dropped.
struct close_session_event {
  session_id session;
  epoch_id epoch;

  static constexpr std::string_view type_name = "close_session_event";
  static constexpr auto fields() {
    using self = close_session_event;
    return std::tuple{required("session", &self::session, "its number"),
                      required("epoch", &self::epoch, "the ring's epoch")};
  }
};

/// To the first stage: the ids of the next positions. The prompt comes from
/// the ring, each further token straight from the last stage.
struct token_step {
  session_id session;
  epoch_id epoch;
  step_id step;
  std::uint32_t position = 0;
  std::vector<token_id> tokens;

  static constexpr std::string_view type_name = "token_step";
  static constexpr auto fields() {
    using self = token_step;
    return std::tuple{required("session", &self::session, "its number"),
                      required("epoch", &self::epoch, "the ring's epoch"),
                      required("step", &self::step, "the step these tokens begin"),
                      required("position", &self::position, "position of the first one"),
                      required("tokens", &self::tokens, "vocabulary ids")};
  }
};

/// From stage to stage: the rows after the sender's blocks. Written by stages
/// only, so no field can be left out.
struct hidden_step {
  session_id session;
  epoch_id epoch;
  step_id step;
  std::uint32_t position = 0;
  bool sample = false;
  activation rows;

  static constexpr std::string_view type_name = "hidden_step";
  static constexpr auto fields() {
    using self = hidden_step;
    return std::tuple{required("session", &self::session, "its number"),
                      required("epoch", &self::epoch, "the ring's epoch"),
                      required("step", &self::step, "counts from 0 within the session"),
                      required("position", &self::position, "position of the first row"),
                      required("sample", &self::sample, "whether a token follows the last row"),
                      required("rows", &self::rows, "[positions, hidden], F32")};
  }
};

/// From the last stage to the first: a piece of the prompt is through, so the
/// next one may enter the ring.
struct step_done_event {
  session_id session;
  epoch_id epoch;
  step_id step;

  static constexpr std::string_view type_name = "step_done_event";
  static constexpr auto fields() {
    using self = step_done_event;
    return std::tuple{required("session", &self::session, "its number"),
                      required("epoch", &self::epoch, "the ring's epoch"),
                      required("step", &self::step, "the step that is through")};
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

/// From the last stage to the ring: one token of the answer.
struct token_event {
  session_id session;
  epoch_id epoch;
  step_id step;
  token_id token = 0;
  finish_reason finish = finish_reason::none;
  activation logits;

  static constexpr std::string_view type_name = "token_event";
  static constexpr auto fields() {
    using self = token_event;
    return std::tuple{
        required("session", &self::session, "its number"),
        required("epoch", &self::epoch, "the ring's epoch"),
        required("step", &self::step, "the step it came out of"),
        required("token", &self::token, "its vocabulary id"),
        field("finish", &self::finish, "whether, and why, it is the last one"),
        field("logits", &self::logits, "[1, vocab] after the prompt, where asked for")};
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

} // namespace dci
