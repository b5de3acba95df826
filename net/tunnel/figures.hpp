// What either end of a tunnel tells of itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/base/reflect.hpp"

namespace dci {

/// A door, as the end that was asked knows it.
struct tunnel_door_info {
  std::string transport;
  std::string at;
  std::string to;
  std::string state;
  std::uint64_t connections = 0, callers = 0, bytes_in = 0, bytes_out = 0;

  static constexpr std::string_view type_name = "tunnel_door_info";
  static constexpr auto fields() {
    using self = tunnel_door_info;
    return std::tuple{
        field("transport", &self::transport, "\"tcp\" or \"udp\""),
        field("at", &self::at, "where callers come"),
        field("to", &self::to, "of an exit: where they go; of an entry: whose it is, a node's id"),
        field("state", &self::state, "\"open\", \"closed\", or why it was refused"),
        field("connections", &self::connections, "of TCP, now"),
        field("callers", &self::callers, "connections or datagrams that came, since it was opened"),
        field("bytes_in", &self::bytes_in, "from callers"),
        field("bytes_out", &self::bytes_out, "to callers")};
  }
};

struct tunnel_figures {
  std::string state;
  std::string why; ///< of an exit that is not connected
  std::vector<tunnel_door_info> doors;
  std::map<std::string, std::uint64_t> refused; ///< by reason
};

} // namespace dci
