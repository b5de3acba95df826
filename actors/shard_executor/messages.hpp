// What a shard executor is told; what stages tell one another is in steps.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "actors/handles.hpp"
#include "actors/step_link/state.hpp"
#include "net/frames/frame_contact.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/layers.hpp"
#include "runtime/base/reflect.hpp"
#include "tensors/backend/engine_settings.hpp"
#include "tensors/decoder/sampling.hpp"

namespace dci {

/// What a topology file or the console says when it makes a shard executor.
struct shard_settings {
  std::filesystem::path model;
  std::optional<layer_span> layers;
  std::uint32_t prompt_chunk = 128;
  engine_settings engine;

  static constexpr std::string_view type_name = "shard_settings";
  static constexpr auto fields() {
    return std::tuple{
        required("model", &shard_settings::model, "the model's folder or .gguf file"),
        field("layers", &shard_settings::layers, "blocks [first, last); all of them if absent"),
        field("prompt_chunk", &shard_settings::prompt_chunk,
              "most positions of prompts in one pass"),
        field("engine", &shard_settings::engine, "how it computes"),
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
  std::uint64_t passes = 0;
  std::string activations;
  std::uint64_t dropped = 0;
  bool loaded = false;
  std::vector<step_link_state> links;

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
        field("passes", &self::passes, "passes run: steps of several sessions together"),
        field("activations", &self::activations, "f32 or f16, between the stages"),
        field("dropped", &self::dropped,
              "messages dropped: old epoch, closed session, repeated step"),
        field("loaded", &self::loaded, "whether the weights are in memory"),
        field("links", &self::links, "to the next stage, from the one before, and to the ring"),
    };
  }
};

/// Makes room for a session. Asked of every stage before its first step; each says
/// open_session_reply.
struct open_session_request {
  session_id session;
  epoch_id epoch;
  std::uint64_t attempt = 0;
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
        field("attempt", &self::attempt, "the answer names it"),
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
  std::uint64_t attempt = 0;
  std::uint32_t stage = 0;
  std::uint32_t known = 0;
  errc code = errc::none;
  std::string message;

  static constexpr std::string_view type_name = "open_session_reply";
  static constexpr auto fields() {
    using self = open_session_reply;
    return std::tuple{
        field("session", &self::session, "its number"),
        field("attempt", &self::attempt, "as in the request"),
        field("stage", &self::stage, "who made room, or did not"),
        field("known", &self::known, "positions of the prompt that need not be computed again"),
        field("code", &self::code, "none, or why there is no room"),
        field("message", &self::message, "the same in words")};
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

/// Stays inside the executor: run what has come in.
struct run_pass {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "run_pass";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// Who is at the other end of a link, and how to reach him.
struct link_end {
  actor_ref actor;
  std::string name;
  std::string address;
  frame_contact frames;

  static constexpr std::string_view type_name = "link_end";
  static constexpr auto fields() {
    using self = link_end;
    return std::tuple{
        required("actor", &self::actor, "by CAF"),
        field("name", &self::name, "what his host calls him"),
        field("address", &self::address, "where his host is dialled; empty: it dials"),
        field("frames", &self::frames, "where his host hears ZeroMQ; empty: nowhere")};
  }
};

/// Tells a stage its place in a ring; from then on it takes steps of that
/// epoch only. Answered by wire_reply. Errors: bad_request when the weights
/// are not loaded; refused when a neighbour's credentials do not hold.
struct wire_request {
  std::string ring;
  epoch_id epoch;
  std::uint32_t stage = 0;
  std::uint32_t stages = 0;
  std::uint32_t passes = 1;
  link_end previous;
  link_end next;
  link_end coordinator;
  std::string next_transport = "auto";
  std::string ring_transport = "auto";
  std::uint32_t link_wait_ms = 1000;
  bool is_owned = false;

  static constexpr std::string_view type_name = "wire_request";
  static constexpr auto fields() {
    using self = wire_request;
    return std::tuple{
        required("ring", &self::ring, "the ring's name"),
        required("epoch", &self::epoch, "the ring's epoch"),
        required("stage", &self::stage, "this stage's place, from 0"),
        required("stages", &self::stages, "stages in the ring"),
        field("passes", &self::passes, "batches under way in the ring at once"),
        required("previous", &self::previous, "the stage before; of the first, the last"),
        required("next", &self::next, "the next stage; of the last, the first"),
        required("coordinator", &self::coordinator, "the ring actor"),
        field("next_transport", &self::next_transport,
              "what the link to the next stage may use: auto, caf or zmq"),
        field("ring_transport", &self::ring_transport, "the same of the link to the ring"),
        field("link_wait_ms", &self::link_wait_ms, "how long a link may be without any"),
        field("is_owned", &self::is_owned, "whether it ends with its ring")};
  }
};

struct wire_reply {
  std::uint32_t stage = 0;

  static constexpr std::string_view type_name = "wire_reply";
  static constexpr auto fields() {
    return std::tuple{field("stage", &wire_reply::stage, "its place")};
  }
};

} // namespace dci
