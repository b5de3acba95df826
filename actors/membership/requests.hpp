// What a membership actor is told and what it answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct membership_config {
  std::string listen;
  std::vector<std::string> seeds;
  std::filesystem::path key;
  std::uint32_t period_ms = 1000;

  static constexpr std::string_view type_name = "membership_config";
  static constexpr auto fields() {
    using self = membership_config;
    return std::tuple{
        required("listen", &self::listen, "the UDP address of this node, as in \"127.0.0.1:4801\""),
        field("seeds", &self::seeds, "addresses of nodes that may be there already"),
        field("key", &self::key, "the node's key file; empty: a new key that is not kept"),
        field("period_ms", &self::period_ms, "one member is pinged in each period")};
  }
};

/// Who is there? Answered by membership_description.
struct membership_describe_request {
  static constexpr std::string_view type_name = "membership_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct member_info {
  std::string id;
  std::string address;
  std::uint32_t incarnation = 0;
  bool suspected = false;

  static constexpr std::string_view type_name = "member_info";
  static constexpr auto fields() {
    using self = member_info;
    return std::tuple{field("id", &self::id, "the node, 64 hexadecimal digits"),
                      field("address", &self::address, "where its datagrams go"),
                      field("incarnation", &self::incarnation, "how often it contradicted"),
                      field("suspected", &self::suspected, "somebody accuses it")};
  }
};

/// How often something was dropped, and why.
struct refusal_count {
  std::string reason;
  std::uint64_t times = 0;

  static constexpr std::string_view type_name = "refusal_count";
  static constexpr auto fields() {
    using self = refusal_count;
    return std::tuple{field("reason", &self::reason, "what was wrong with it"),
                      field("times", &self::times, "how many were dropped for it")};
  }
};

struct membership_description {
  member_info self;
  std::vector<member_info> members;
  std::uint64_t datagrams_sent = 0, bytes_sent = 0, datagrams_received = 0;
  std::vector<refusal_count> refused;

  static constexpr std::string_view type_name = "membership_description";
  static constexpr auto fields() {
    using me = membership_description;
    return std::tuple{field("self", &me::self, "this node"),
                      field("members", &me::members, "all others, in the order of their ids"),
                      field("datagrams_sent", &me::datagrams_sent, "since it began"),
                      field("bytes_sent", &me::bytes_sent, "without IP and UDP headers"),
                      field("datagrams_received", &me::datagrams_received, "those refused as well"),
                      field("refused", &me::refused, "what was dropped, by reason")};
  }
};

/// Stays inside: datagrams have come, or it is time.
struct membership_turn {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "membership_turn";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
