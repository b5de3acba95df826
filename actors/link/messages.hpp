// What a link is told and what it answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "actors/refusal_count.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

class node_link;

/// What a topology file or the console says when it makes one.
struct link_config {
  std::string listen;
  std::string advertise;
  std::filesystem::path key;
  std::string tunnel;

  static constexpr std::string_view type_name = "link_config";
  static constexpr auto fields() {
    return std::tuple{
        field(
            "listen", &link_config::listen,
            "this node's UDP address, as \"127.0.0.1:4801\"; empty: its host's, whose port of UDP "
            "is free"),
        field("advertise", &link_config::advertise,
              "the address others are told, where it is not the same: of a relay or a router"),
        field("key", &link_config::key,
              "the node's key file, where its host has no credentials; empty: a new "
              "key that is not kept"),
        field("tunnel", &link_config::tunnel,
              "the tunnel_exit beside it whose door of udp it uses, and advertises unless told "
              "otherwise")};
  }
};

/// Who is this, and what came and went? Answered by link_description.
struct link_describe_request {
  static constexpr std::string_view type_name = "link_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct link_description {
  std::string id;
  std::string address;
  std::uint64_t sent = 0, bytes_sent = 0, received = 0;
  std::vector<refusal_count> refused;

  static constexpr std::string_view type_name = "link_description";
  static constexpr auto fields() {
    using self = link_description;
    return std::tuple{field("id", &self::id, "the node, 64 hexadecimal digits"),
                      field("address", &self::address, "where its datagrams go"),
                      field("sent", &self::sent, "datagrams since it began"),
                      field("bytes_sent", &self::bytes_sent, "without IP and UDP headers"),
                      field("received", &self::received, "datagrams, those refused as well"),
                      field("refused", &self::refused, "what was dropped, by reason")};
  }
};

/// For the actors of its own process: the link itself. Answered by link_handle.
struct open_link_request {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "open_link_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// Cannot leave the process: it holds the node's key.
struct link_handle {
  std::shared_ptr<node_link> link;

  static constexpr std::string_view type_name = "link_handle";
};

} // namespace dci
