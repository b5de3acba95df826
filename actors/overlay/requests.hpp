// What an overlay actor is told and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "actors/overlay/descriptor.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// What a topology file or the console says when it makes one.
struct overlay_config {
  std::string link = "link";
  std::string membership = "membership";
  std::string gossip = "gossip";

  static constexpr std::string_view type_name = "overlay_config";
  static constexpr auto fields() {
    using self = overlay_config;
    return std::tuple{
        field("link", &self::link, "the link on this host through which it speaks"),
        field("membership", &self::membership, "who on this host knows nodes to join through"),
        field("gossip", &self::gossip, "who on this host knows how far nodes are")};
  }
};

/// Where on the ring is this node? Answered by overlay_description.
struct overlay_describe_request {
  static constexpr std::string_view type_name = "overlay_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct overlay_description {
  std::string id;
  std::string state;
  std::string predecessor;
  std::vector<std::string> successors;
  std::uint32_t known = 0;
  std::uint64_t records = 0;
  bool published = false;

  static constexpr std::string_view type_name = "overlay_description";
  static constexpr auto fields() {
    using self = overlay_description;
    return std::tuple{field("id", &self::id, "the node, 64 hexadecimal digits"),
                      field("state", &self::state, "alone, joining or joined"),
                      field("predecessor", &self::predecessor, "the node before it; empty: none"),
                      field("successors", &self::successors, "the nodes behind it, nearest first"),
                      field("known", &self::known, "nodes in its table"),
                      field("records", &self::records, "that it keeps for others and itself"),
                      field("published", &self::published, "its own descriptor is on the ring")};
  }
};

/// Who answers for this key? Answered by lookup_reply. Errors: bad_config for what is no key;
/// timed_out; busy.
struct lookup_request {
  std::string key;

  static constexpr std::string_view type_name = "lookup_request";
  static constexpr auto fields() {
    return std::tuple{required("key", &lookup_request::key, "64 hexadecimal digits")};
  }
};

struct lookup_reply {
  std::string owner;
  std::string address;
  std::uint32_t hops = 0;
  double took_ms = 0;

  static constexpr std::string_view type_name = "lookup_reply";
  static constexpr auto fields() {
    using self = lookup_reply;
    return std::tuple{field("owner", &self::owner, "the first node at or behind the key"),
                      field("address", &self::address, "where its datagrams go"),
                      field("hops", &self::hops, "nodes that the question went to"),
                      field("took_ms", &self::took_ms, "since it was asked")};
  }
};

/// What does this node say of itself? Answered by node_descriptor. Errors: as lookup_request's;
/// not_found.
struct find_node_request {
  std::string id;

  static constexpr std::string_view type_name = "find_node_request";
  static constexpr auto fields() {
    return std::tuple{required("id", &find_node_request::id, "64 hexadecimal digits")};
  }
};

/// Who holds layers of this model? Answered by layer_holders. Errors: as lookup_request's.
struct find_layers_request {
  std::string model;

  static constexpr std::string_view type_name = "find_layers_request";
  static constexpr auto fields() {
    return std::tuple{
        required("model", &find_layers_request::model, "its fingerprint, 64 hexadecimal digits")};
  }
};

struct layer_holder {
  std::string id;
  std::string host;
  std::vector<layer_span> layers;

  static constexpr std::string_view type_name = "layer_holder";
  static constexpr auto fields() {
    using self = layer_holder;
    return std::tuple{field("id", &self::id, "the node, as it signed"),
                      field("host", &self::host, "where its host is dialled"),
                      field("layers", &self::layers, "blocks [first, last) that are loaded")};
  }
};

struct layer_holders {
  std::vector<layer_holder> holders;

  static constexpr std::string_view type_name = "layer_holders";
  static constexpr auto fields() {
    return std::tuple{field("holders", &layer_holders::holders, "those that the ring knows")};
  }
};

/// Stays inside: datagrams have come, or it is time.
struct overlay_turn {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "overlay_turn";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

} // namespace dci
