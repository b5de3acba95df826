// What the two ends of a tunnel say to each other over TLS.
//
//   length[2]  version  msgpack
//
// The length counts all behind it, most significant byte first. A frame of the version only is a
// heartbeat.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <variant>

#include "net/identity/bytes.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

inline constexpr std::uint8_t tunnel_version = 1;
/// Behind the length.
inline constexpr std::size_t most_tunnel_frame = 256;

enum class door_transport : std::uint8_t { tcp = 1, udp = 2 };
/// "tcp", "udp"; else "unknown".
std::string_view to_string(door_transport transport) noexcept;

/// Why there is no such door.
enum class door_refusal : std::uint8_t {
  out_of_range = 1,
  taken = 2,
  too_many = 3,
  impossible = 4
};
std::string_view to_string(door_refusal reason) noexcept;
/// One line for people.
std::string_view meaning(door_refusal reason) noexcept;

/// Shown by who fetches a caller.
using call_secret = std::array<std::uint8_t, 16>;
/// Names a UDP door in wrapped datagrams.
using flow_token = std::array<std::uint8_t, 8>;

/// The exit wants a door. Answered by door_opened or door_refused.
struct open_door {
  std::uint32_t door = 0;
  door_transport transport = door_transport::tcp;
  std::uint16_t port = 0;

  static constexpr std::string_view type_name = "open_door";
  static constexpr auto fields() {
    using self = open_door;
    return std::tuple{required("door", &self::door, "the exit's number for it"),
                      required("transport", &self::transport, "what it takes"),
                      required("port", &self::port, "at the entry")};
  }
};

/// The exit cannot fetch this caller.
struct call_failed {
  std::uint64_t call = 0;

  static constexpr std::string_view type_name = "call_failed";
  static constexpr auto fields() {
    return std::tuple{required("call", &call_failed::call, "which")};
  }
};

/// The entry's first word.
struct tunnel_welcome {
  std::uint16_t calls_port = 0;

  static constexpr std::string_view type_name = "tunnel_welcome";
  static constexpr auto fields() {
    return std::tuple{
        required("calls_port", &tunnel_welcome::calls_port, "where callers are fetched, of TCP")};
  }
};

struct door_opened {
  std::uint32_t door = 0;
  flow_token token{};

  static constexpr std::string_view type_name = "door_opened";
  static constexpr auto fields() {
    using self = door_opened;
    return std::tuple{required("door", &self::door, "which"),
                      required("token", &self::token, "of its datagrams, where it takes such")};
  }
};

struct door_refused {
  std::uint32_t door = 0;
  door_refusal reason = door_refusal::impossible;

  static constexpr std::string_view type_name = "door_refused";
  static constexpr auto fields() {
    using self = door_refused;
    return std::tuple{required("door", &self::door, "which"),
                      required("reason", &self::reason, "why")};
  }
};

/// Somebody is at a TCP door. He is fetched by a connection that shows a call_proof.
struct caller_came {
  std::uint32_t door = 0;
  std::uint64_t call = 0;
  call_secret secret{};

  static constexpr std::string_view type_name = "caller_came";
  static constexpr auto fields() {
    using self = caller_came;
    return std::tuple{required("door", &self::door, "which"),
                      required("call", &self::call, "the entry's number for him"),
                      required("secret", &self::secret, "to be shown, once")};
  }
};

using exit_word = std::variant<open_door, call_failed>;
using entry_word = std::variant<tunnel_welcome, door_opened, door_refused, caller_came>;

/// Behind the version.
byte_vector pack_exit_word(const exit_word& word);
byte_vector pack_entry_word(const entry_word& word);
/// Errors: bad_message, naming the field.
expected<exit_word> unpack_exit_word(byte_view bytes);
expected<entry_word> unpack_entry_word(byte_view bytes);

/// What a connection that fetches a caller begins with: "DCIt", version, call[8], secret[16].
struct call_proof {
  std::uint64_t call = 0;
  call_secret secret{};
};
inline constexpr std::size_t call_proof_bytes = 4 + 1 + 8 + 16;
byte_vector pack_call_proof(const call_proof& proof);
/// Errors: bad_message.
expected<call_proof> unpack_call_proof(byte_view bytes);

} // namespace dci
