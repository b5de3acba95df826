// What a membership actor is told and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/contact.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct membership_config {
  std::string link = "link";
  std::vector<std::string> seeds;
  std::uint32_t period_ms = 1000;
  std::string lan;

  static constexpr std::string_view type_name = "membership_config";
  static constexpr auto fields() {
    using self = membership_config;
    return std::tuple{field("link", &self::link, "the link on this host through which it speaks"),
                      field("seeds", &self::seeds, "addresses of nodes that may be there already"),
                      field("period_ms", &self::period_ms, "one member is pinged in each period"),
                      field("lan", &self::lan,
                            "finds nodes of the local network by multicast: the group, such as "
                            "\"239.255.68.67:4805\"; empty: it does not")};
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

struct membership_description {
  member_info self;
  std::vector<member_info> members;

  static constexpr std::string_view type_name = "membership_description";
  static constexpr auto fields() {
    using me = membership_description;
    return std::tuple{field("self", &me::self, "this node"),
                      field("members", &me::members, "all others, in the order of their ids")};
  }
};

/// Answers watch_members_request.
struct members_list {
  std::vector<contact> members;

  static constexpr std::string_view type_name = "members_list";
  static constexpr auto fields() {
    return std::tuple{field("members", &members_list::members, "all but this node")};
  }
};

/// To watchers: a node came or moved, or is no member any more.
struct member_changed_event {
  contact node;
  bool is_member = false;

  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "member_changed_event";
  static constexpr auto fields() {
    using self = member_changed_event;
    return std::tuple{required("node", &self::node, "who, and where"),
                      required("is_member", &self::is_member, "false: it died or left")};
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
