// How the stages of a ring and the ring itself write to one another: every message has a number on
// its link, and is kept until the other end has it.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "actors/shard_executor/messages.hpp"
#include "actors/shard_executor/steps.hpp"
#include "runtime/base/json_codec.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What travels on a link. New kinds go to the end: the place in the list is what frames name.
using step_message =
    std::variant<open_session_request, open_session_reply, close_session_event, token_step,
                 hidden_pass, turn_event, tokens_event, step_failed_event, link_lost_event>;

/// For people: the message by its name.
template <>
struct json_codec<step_message> {
  static constexpr std::string_view kind = "a message of a stage";
  static json encode(const step_message& v) {
    return std::visit(
        []<class M>(const M& m) {
          return json{{std::string{M::type_name}, to_json_value(m)}};
        },
        v);
  }
  static decode_outcome decode(const json&, step_message&, const std::string& path) {
    return decode_error{path, "is made by rings and stages and cannot be written by hand"};
  }
};

/// A message on a link. Links have numbers in their ring: that from stage i to the next one is i,
/// that between the ring and stage i is `stages` + i.
struct step_frame {
  epoch_id epoch;
  std::uint32_t link = 0;
  std::uint64_t number = 0;
  step_message message;

  static constexpr std::string_view type_name = "step_frame";
  static constexpr auto fields() {
    using self = step_frame;
    return std::tuple{
        required("epoch", &self::epoch, "the ring's epoch"),
        required("link", &self::link, "which link of the ring"),
        required("number", &self::number,
                 "counts from 1 each way; 0 inside a process, where nothing is lost"),
        required("message", &self::message, "what is said"),
    };
  }
};

/// How much of what the receiver wrote has arrived. Whoever is asked answers the same of himself.
struct link_report_event {
  epoch_id epoch;
  std::uint32_t link = 0;
  std::uint64_t received = 0;
  bool asks = false;
  bool answers = false;

  static constexpr std::string_view type_name = "link_report_event";
  static constexpr auto fields() {
    using self = link_report_event;
    return std::tuple{required("epoch", &self::epoch, "the ring's epoch"),
                      required("link", &self::link, "which link of the ring"),
                      required("received", &self::received, "all up to this number"),
                      required("asks", &self::asks, "whether an answer is wanted"),
                      required("answers", &self::answers, "whether it is one")};
  }
};

/// Stays inside: look after the links.
struct link_tick {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "link_tick";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
