// What a gossip actor is told and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/gossip/messages.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct gossip_config {
  std::string link = "link";
  std::string membership = "membership";
  std::string prober = "prober";
  std::string profiler = "device";

  static constexpr std::string_view type_name = "gossip_config";
  static constexpr auto fields() {
    using self = gossip_config;
    return std::tuple{
        field("link", &self::link, "the link on this host through which it speaks"),
        field("membership", &self::membership, "who on this host says whom to speak to"),
        field("prober", &self::prober, "who on this host measures the links"),
        field("profiler", &self::profiler, "who on this host measures the device")};
  }
};

/// What is known of all nodes? Answered by network_map.
struct gossip_describe_request {
  static constexpr std::string_view type_name = "gossip_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// A link as the node of its row reported it.
struct mapped_link {
  std::uint32_t peer = 0;
  double round_trip_ms = 0;
  double mbit_per_s = 0;
  bool at_least = false;
  double mbit_age_s = 0;
  double mbit_confidence = 0;
  bool narrow = false;

  static constexpr std::string_view type_name = "mapped_link";
  static constexpr auto fields() {
    using self = mapped_link;
    return std::tuple{field("peer", &self::peer, "which of the map's nodes, from 0"),
                      field("round_trip_ms", &self::round_trip_ms, "smoothed"),
                      field("mbit_per_s", &self::mbit_per_s, "towards the peer; 0: unknown"),
                      field("at_least", &self::at_least, "it may be more"),
                      field("mbit_age_s", &self::mbit_age_s, "since it was measured"),
                      field("mbit_confidence", &self::mbit_confidence, "from 0 to 1"),
                      field("narrow", &self::narrow, "known to be less than least_mbit_per_s")};
  }
};

/// A member, and its newest report where one has come.
struct mapped_node {
  std::string id;
  std::string address;
  bool reported = false;
  double age_s = 0;
  network_place place;
  device_figures device;
  owner_policy policy;
  std::string host;
  std::vector<mapped_link> nearest;

  static constexpr std::string_view type_name = "mapped_node";
  static constexpr auto fields() {
    using self = mapped_node;
    return std::tuple{field("id", &self::id, "64 hexadecimal digits"),
                      field("address", &self::address, "where its datagrams go"),
                      field("reported", &self::reported, "false: the rest is not known"),
                      field("age_s", &self::age_s, "since it made its report"),
                      field("place", &self::place, "its network coordinates"),
                      field("device", &self::device, "what it can do"),
                      field("policy", &self::policy, "what its owner lets it do"),
                      field("host", &self::host, "where its host is dialled; empty: nowhere"),
                      field("nearest", &self::nearest, "its links to its nearest peers")};
  }
};

/// This node first, the others in the order of their ids.
struct network_map {
  std::vector<mapped_node> nodes;
  double least_mbit_per_s = 0;

  static constexpr std::string_view type_name = "network_map";
  static constexpr auto fields() {
    using self = network_map;
    return std::tuple{field("nodes", &self::nodes, "this node first"),
                      field("least_mbit_per_s", &self::least_mbit_per_s,
                            "of this node's prober: a link of less is narrow")};
  }
};

/// Stays inside: datagrams have come, or it is time.
struct gossip_turn {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "gossip_turn";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
