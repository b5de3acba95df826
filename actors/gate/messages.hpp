// What strangers may say to a host, and what they are answered. They travel as ZeroMQ frames, in
// msgpack; nothing else of a stranger's is heard, so what is not in these lists cannot be asked.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "actors/refusal_count.hpp"
#include "actors/ring/messages.hpp"
#include "net/frames/frame_contact.hpp"
#include "net/wire/padding.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct gate_config {
  std::string link;
  std::vector<std::string> rings;
  std::vector<std::string> clients;
  bool guests = true;
  std::uint32_t most_sessions = 2;
  std::uint32_t most_tokens = 1024;
  double questions_per_s = 20;

  static constexpr std::string_view type_name = "gate_config";
  static constexpr auto fields() {
    using self = gate_config;
    return std::tuple{
        required("link", &self::link, "the link beside it, by name"),
        field("rings", &self::rings, "those of this host that clients may use"),
        field("clients", &self::clients, "the nodes that may, by id; \"*\": all with certificates"),
        field("guests", &self::guests, "whether the others may ask what there is"),
        field("most_sessions", &self::most_sessions, "of one client at once"),
        field("most_tokens", &self::most_tokens, "of one answer"),
        field("questions_per_s", &self::questions_per_s, "of one node; twice as many in a burst")};
  }
};

/// What may I do here? Answered by gate_terms.
struct gate_terms_request {
  static constexpr std::string_view type_name = "gate_terms_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct gate_terms {
  std::string role;
  std::vector<std::string> rings;
  std::uint32_t most_sessions = 0;
  std::uint32_t most_tokens = 0;

  static constexpr std::string_view type_name = "gate_terms";
  static constexpr auto fields() {
    using self = gate_terms;
    return std::tuple{required("role", &self::role, "guest or client"),
                      required("rings", &self::rings, "what a client may use"),
                      required("most_sessions", &self::most_sessions, "at once"),
                      required("most_tokens", &self::most_tokens, "of one answer")};
  }
};

/// Why a question has no other answer.
struct gate_refusal_event {
  std::string reason;
  std::string message;

  static constexpr std::string_view type_name = "gate_refusal_event";
  static constexpr auto fields() {
    return std::tuple{required("reason", &gate_refusal_event::reason, "one word, for counting"),
                      required("message", &gate_refusal_event::message, "the same for people")};
  }
};

/// number: the asker's own; answers name it. ring: of a generate_request. asker: the node who has
/// shown the contact with the key by which the frame came; a key alone may be claimed by several.
struct gate_question {
  using kinds = std::variant<gate_terms_request, generate_request, cancel_request>;

  std::uint64_t number = 0;
  node_id asker;
  std::string ring;
  kinds message;

  static constexpr std::string_view type_name = "gate_question";
  static constexpr auto fields() {
    using self = gate_question;
    return std::tuple{required("number", &self::number, "the asker's own"),
                      required("asker", &self::asker, "who he is"),
                      required("ring", &self::ring, "whom to ask for an answer; or empty"),
                      required("message", &self::message, "the question")};
  }
};

/// A generate_request gets a generate_reply, text_events and a session_end_event.
struct gate_answer {
  using kinds =
      std::variant<gate_terms, generate_reply, text_event, session_end_event, gate_refusal_event>;

  std::uint64_t number = 0;
  kinds message;

  static constexpr std::string_view type_name = "gate_answer";
  static constexpr auto fields() {
    return std::tuple{required("number", &gate_answer::number, "of the question"),
                      required("message", &gate_answer::message, "the answer")};
  }
};

/// In a datagram, before the first frame: let me in, I am heard here. As long as its answer may be.
struct gate_offer {
  frame_contact contact;
  padding room;

  static constexpr std::string_view type_name = "gate_offer";
  static constexpr auto fields() {
    return std::tuple{required("contact", &gate_offer::contact, "signed by the sender's key"),
                      required("room", &gate_offer::room, "says nothing")};
  }
};

/// The gate's own contact, and its name for frames.
struct gate_welcome {
  frame_contact contact;
  std::string name;

  static constexpr std::string_view type_name = "gate_welcome";
  static constexpr auto fields() {
    return std::tuple{required("contact", &gate_welcome::contact, "signed by the gate's node"),
                      required("name", &gate_welcome::name, "to whom frames go")};
  }
};

/// What went on at the gate? Answered by gate_description.
struct gate_describe_request {
  static constexpr std::string_view type_name = "gate_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct gate_description {
  std::vector<std::string> rings;
  std::uint64_t peers = 0, questions = 0, sessions = 0;
  std::vector<refusal_count> refused;

  static constexpr std::string_view type_name = "gate_description";
  static constexpr auto fields() {
    using self = gate_description;
    return std::tuple{field("rings", &self::rings, "what clients may use"),
                      field("peers", &self::peers, "nodes that were let in"),
                      field("questions", &self::questions, "that came, those refused as well"),
                      field("sessions", &self::sessions, "of clients, now"),
                      field("refused", &self::refused, "what was not done, by reason")};
  }
};

/// Stays inside: datagrams have come.
struct gate_turn {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "gate_turn";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
