// What a ring is made of, asked, and tells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "actors/handles.hpp"
#include "actors/shard_executor/messages.hpp"
#include "actors/shard_executor/steps.hpp"
#include "runtime/base/reflect.hpp"
#include "tensors/decoder/sampling.hpp"

namespace dci {

/// One place in the ring. Without layers the planner decides.
struct ring_stage_settings {
  std::string host;
  std::string address;
  std::string actor;
  std::optional<layer_span> layers;
  std::string transport;

  static constexpr std::string_view type_name = "ring_stage_settings";
  static constexpr auto fields() {
    using self = ring_stage_settings;
    return std::tuple{
        field("host", &self::host, "the host's name, for messages; empty: the ring's own"),
        field("address", &self::address, "HOST:PORT; empty: the ring's own host"),
        field("actor", &self::actor, "an executor that is there already; empty: start one"),
        field("layers", &self::layers, "blocks [first, last); absent: the planner decides"),
        field("transport", &self::transport,
              "of the link to the next stage: auto, caf or zmq; empty: as the ring's"),
    };
  }
};

struct ring_settings {
  std::filesystem::path model;
  std::vector<ring_stage_settings> stages;
  std::string strategy = "ring_memory_weighted";
  engine_settings engine;
  std::uint32_t passes = 0;
  std::uint32_t most_waiting = 64;
  std::uint32_t wait_ms = 20000;
  std::uint32_t context = 0;
  std::uint32_t step_timeout_ms = 60000;
  std::uint32_t load_timeout_ms = 600000;
  std::uint32_t dial_wait_ms = 30000;
  std::string transport = "auto";
  std::uint32_t link_wait_ms = 1000;

  static constexpr std::string_view type_name = "ring_settings";
  static constexpr auto fields() {
    using self = ring_settings;
    return std::tuple{
        required("model", &self::model, "the model's folder or .gguf file"),
        required("stages", &self::stages,
                 "in ring order; with no layers given, the planner orders"),
        field("strategy", &self::strategy, "the planner's strategy"),
        field("engine", &self::engine, "how the stages that it starts compute"),
        field("passes", &self::passes,
              "batches under way in the ring at once; 0: one more than machines, one on a single "
              "machine"),
        field("most_waiting", &self::most_waiting,
              "sessions that may wait for room; more are told to ask later"),
        field("wait_ms", &self::wait_ms, "longest wait for room"),
        field("context", &self::context, "most positions of a session; 0: the model's context"),
        field("step_timeout_ms", &self::step_timeout_ms, "longest wait for the next token"),
        field("load_timeout_ms", &self::load_timeout_ms, "longest wait for a stage's weights"),
        field("dial_wait_ms", &self::dial_wait_ms, "how long to try to reach a host"),
        field("transport", &self::transport,
              "what carries steps: caf, zmq, or auto: CAF, and ZeroMQ while CAF cannot"),
        field("link_wait_ms", &self::link_wait_ms,
              "how long a link may be without either before its stage is lost"),
    };
  }
};

/// Puts the ring together; answered by ring_description when every stage has
/// its weights and knows its neighbour. Asked again, answers the same.
struct assemble_request {
  static constexpr std::string_view type_name = "assemble_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct ring_stage_description {
  std::string host;
  std::string actor;
  layer_span layers;
  std::uint64_t weight_bytes = 0;
  step_link_state link;

  static constexpr std::string_view type_name = "ring_stage_description";
  static constexpr auto fields() {
    using self = ring_stage_description;
    return std::tuple{field("host", &self::host, "where it runs"),
                      field("actor", &self::actor, "its executor's name"),
                      field("layers", &self::layers, "its blocks"),
                      field("weight_bytes", &self::weight_bytes, "bytes of weights it reads"),
                      field("link", &self::link, "the ring's own link to it")};
  }
};

struct ring_description {
  std::string name;
  std::string model;
  epoch_id epoch;
  std::uint32_t model_layers = 0;
  std::uint32_t context = 0;
  std::uint32_t sessions = 0;
  std::vector<ring_stage_description> stages;

  static constexpr std::string_view type_name = "ring_description";
  static constexpr auto fields() {
    using self = ring_description;
    return std::tuple{field("name", &self::name, "the ring actor's name"),
                      field("model", &self::model, "the model's folder or .gguf file"),
                      field("epoch", &self::epoch, "the version of its membership"),
                      field("model_layers", &self::model_layers, "blocks of the model"),
                      field("context", &self::context, "most positions of a session"),
                      field("sessions", &self::sessions, "sessions under way"),
                      field("stages", &self::stages, "in ring order")};
  }
};

/// Starts an answer. Either prompt_ids or prompt (which needs a tokenizer).
struct generate_request {
  std::string prompt;
  std::vector<token_id> prompt_ids;
  bool chat = false;
  std::uint32_t max_tokens = 128;
  sampling_settings sampling;
  std::vector<std::string> stop;
  bool ignore_end = false;
  bool want_logits = false;
  actor_ref sink;

  static constexpr std::string_view type_name = "generate_request";
  static constexpr auto fields() {
    using self = generate_request;
    return std::tuple{
        field("prompt", &self::prompt, "the text to continue, or the user's turn of a chat"),
        field("prompt_ids", &self::prompt_ids, "its ids, for a model without a tokenizer"),
        field("chat", &self::chat, "put the prompt in the model's chat format"),
        field("max_tokens", &self::max_tokens, "most tokens of the answer"),
        field("sampling", &self::sampling, "how tokens are picked; greedy by default"),
        field("stop", &self::stop, "texts that end the answer"),
        field("ignore_end", &self::ignore_end, "go on after an end-of-sequence token"),
        field("want_logits", &self::want_logits, "send the logits after the prompt along"),
        field("sink", &self::sink, "who gets the tokens; absent: who asks"),
    };
  }
};

struct generate_reply {
  session_id session;
  std::uint32_t prompt_tokens = 0;

  static constexpr std::string_view type_name = "generate_reply";
  static constexpr auto fields() {
    return std::tuple{field("session", &generate_reply::session, "its number"),
                      field("prompt_tokens", &generate_reply::prompt_tokens, "ids in the prompt")};
  }
};

/// To the sink: the next token and the text it completes (possibly none).
struct text_event {
  session_id session;
  std::uint32_t index = 0;
  token_id token = 0;
  std::string text;
  activation logits;

  static constexpr std::string_view type_name = "text_event";
  static constexpr auto fields() {
    using self = text_event;
    return std::tuple{field("session", &self::session, "its number"),
                      field("index", &self::index, "counts the answer's tokens from 0"),
                      field("token", &self::token, "its vocabulary id"),
                      field("text", &self::text, "whole UTF-8 characters"),
                      field("logits", &self::logits, "[1, vocab] after the prompt, if asked for")};
  }
};

/// To the sink: the answer is over; nothing follows.
struct session_end_event {
  session_id session;
  finish_reason finish = finish_reason::none;
  std::string text;
  errc code = errc::none;
  std::string message;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t tokens = 0;
  double first_token_ms = 0;
  double tokens_per_s = 0;

  static constexpr std::string_view type_name = "session_end_event";
  static constexpr auto fields() {
    using self = session_end_event;
    return std::tuple{
        field("session", &self::session, "its number"),
        field("finish", &self::finish, "why it ended"),
        field("text", &self::text, "what was held back and now belongs to the answer"),
        field("code", &self::code, "the kind of error, if it failed"),
        field("message", &self::message, "the error, naming stage and session"),
        field("prompt_tokens", &self::prompt_tokens, "ids in the prompt"),
        field("tokens", &self::tokens, "tokens of the answer"),
        field("first_token_ms", &self::first_token_ms, "from request to first token"),
        field("tokens_per_s", &self::tokens_per_s, "after the first one"),
    };
  }
};

/// Ends an answer early; its sink gets session_end_event. Errors: not_found.
struct cancel_request {
  session_id session;

  static constexpr std::string_view type_name = "cancel_request";
  static constexpr auto fields() {
    return std::tuple{required("session", &cancel_request::session, "its number")};
  }
};

struct ring_describe_request {
  static constexpr std::string_view type_name = "ring_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// Stays inside the ring: look for sessions that make no progress.
struct ring_tick {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "ring_tick";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
