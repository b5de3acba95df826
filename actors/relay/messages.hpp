// What a relay is told and what it answers.
#pragma once

#include <string>
#include <vector>

#include "net/shaping/conditions.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A sender of datagrams whose link is not like the others'.
struct relay_sender {
  std::string from;
  link_conditions conditions;

  static constexpr std::string_view type_name = "relay_sender";
  static constexpr auto fields() {
    using self = relay_sender;
    return std::tuple{required("from", &self::from, "its address"),
                      required("conditions", &self::conditions, "each way")};
  }
};

/// What a topology file or the console says when it makes one.
struct relay_config {
  std::string transport;
  std::string listen;
  std::string to;
  link_conditions conditions;
  std::vector<relay_sender> senders;

  static constexpr std::string_view type_name = "relay_config";
  static constexpr auto fields() {
    using self = relay_config;
    return std::tuple{
        required("transport", &self::transport, "\"tcp\" or \"udp\""),
        required("listen", &self::listen, "the address that others are told"),
        required("to", &self::to, "where what it hears goes"),
        field("conditions", &self::conditions, "of the link, each way"),
        field("senders", &self::senders, "udp: whose link has conditions of its own")};
  }
};

/// From now on the link is like this. Answered by relay_description. Errors: bad_config.
struct shape_request {
  link_conditions conditions;
  std::vector<relay_sender> senders;

  static constexpr std::string_view type_name = "shape_request";
  static constexpr auto fields() {
    using self = shape_request;
    return std::tuple{
        field("conditions", &self::conditions, "of the link, each way"),
        field("senders", &self::senders, "udp: whose link has conditions of its own")};
  }
};

/// What is the link like? Answered by relay_description.
struct relay_describe_request {
  static constexpr std::string_view type_name = "relay_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct relay_description {
  std::string transport;
  std::string listen;
  std::string to;
  link_conditions conditions;
  std::vector<relay_sender> senders;

  static constexpr std::string_view type_name = "relay_description";
  static constexpr auto fields() {
    using self = relay_description;
    return std::tuple{
        field("transport", &self::transport, "\"tcp\" or \"udp\""),
        field("listen", &self::listen, "the address that others are told"),
        field("to", &self::to, "where what it hears goes"),
        field("conditions", &self::conditions, "of the link, each way"),
        field("senders", &self::senders, "udp: whose link has conditions of its own")};
  }
};

} // namespace dci
