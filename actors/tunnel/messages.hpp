// What the two ends of a tunnel are told and what they answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/refusal_count.hpp"
#include "net/tunnel/figures.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

class tunnel_way;

/// What a topology file or the console says when it makes one.
struct tunnel_entry_config {
  std::string listen;
  std::uint16_t calls_port = 0;
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
  std::uint32_t most_doors = 8;
  std::uint32_t most_connections = 64;
  std::uint32_t most_bytes = 256 * 1024;

  static constexpr std::string_view type_name = "tunnel_entry_config";
  static constexpr auto fields() {
    using self = tunnel_entry_config;
    return std::tuple{
        required("listen", &self::listen,
                 "HOST:PORT where exits come: TCP for their sessions, UDP for datagrams"),
        field("calls_port", &self::calls_port,
              "the TCP port where exits fetch callers; 0: the one after listen's"),
        required("first_port", &self::first_port, "doors may be opened from this port"),
        required("last_port", &self::last_port, "up to this one"),
        field("most_doors", &self::most_doors, "of one node"),
        field("most_connections", &self::most_connections, "of one door, at a time"),
        field("most_bytes", &self::most_bytes, "on their way in one connection, each way")};
  }
};

/// A door that an exit wants.
struct tunnel_door {
  std::string transport;
  std::string at;
  std::string to;

  static constexpr std::string_view type_name = "tunnel_door";
  static constexpr auto fields() {
    using self = tunnel_door;
    return std::tuple{
        required("transport", &self::transport, "\"tcp\" or \"udp\""),
        required("at", &self::at, "HOST:PORT at the entry, as others are told"),
        field("to", &self::to,
              "of tcp: where its callers go, as \"127.0.0.1:4701\"; of udp they go to the link "
              "that names this tunnel")};
  }
};

struct tunnel_exit_config {
  std::string entry;
  std::vector<tunnel_door> doors;
  std::uint32_t most_connections = 256;
  std::uint32_t most_bytes = 256 * 1024;

  static constexpr std::string_view type_name = "tunnel_exit_config";
  static constexpr auto fields() {
    using self = tunnel_exit_config;
    return std::tuple{
        required("entry", &self::entry, "HOST:PORT where the entry listens"),
        required("doors", &self::doors, "which ports of the entry lead here"),
        field("most_connections", &self::most_connections, "of all doors, at a time"),
        field("most_bytes", &self::most_bytes, "on their way in one connection, each way")};
  }
};

/// What passes, and what was refused? Answered by tunnel_description.
struct tunnel_describe_request {
  static constexpr std::string_view type_name = "tunnel_describe_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

struct tunnel_description {
  std::string address;
  std::string state;
  std::string why;
  std::vector<tunnel_door_info> doors;
  std::uint64_t connections = 0, bytes_in = 0, bytes_out = 0;
  std::vector<refusal_count> refused;

  static constexpr std::string_view type_name = "tunnel_description";
  static constexpr auto fields() {
    using self = tunnel_description;
    return std::tuple{
        field("address", &self::address, "the entry's"),
        field("state", &self::state,
              "of an entry \"open\"; of an exit \"connected\" or "
              "\"dialling\""),
        field("why", &self::why, "it is not connected"),
        field("doors", &self::doors, "of an entry those that are open; of an exit all it wants"),
        field("connections", &self::connections, "through TCP doors, now"),
        field("bytes_in", &self::bytes_in, "from the callers of these doors"),
        field("bytes_out", &self::bytes_out, "to them"),
        field("refused", &self::refused, "by reason")};
  }
};

/// For the link beside it: the way of its datagrams. Answered by tunnel_handle. Errors: not_found
/// without a door of udp; already_exists where another link has it.
struct open_tunnel_request {
  static constexpr bool stays_inside = true;
  static constexpr std::string_view type_name = "open_tunnel_request";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

/// Cannot leave the process.
struct tunnel_handle {
  std::shared_ptr<tunnel_way> way;
  std::string at;

  static constexpr std::string_view type_name = "tunnel_handle";
};

} // namespace dci
