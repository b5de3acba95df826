// What one actor of a host sends to one of another host over the ZeroMQ port, and how it travels:
// as a preamble, which is "DCIF", a version and the two names, and two parts of plain bytes.
#pragma once

#include <span>
#include <string>

#include "net/identity/bytes.hpp"
#include "runtime/base/error.hpp"

namespace dci {

struct frame {
  std::string to, from;        ///< names of actors, of 1 to 64 bytes, there and here
  byte_vector header, payload; ///< the port looks at neither

  friend bool operator==(const frame&, const frame&) = default;
};

inline constexpr std::size_t longest_frame_name = 64;
inline constexpr std::size_t most_header_bytes = std::size_t{4} << 20;
inline constexpr std::size_t most_payload_bytes = std::size_t{64} << 20;

/// Why a frame is dropped, with the word by which that is counted: "malformed", "unknown_version"
/// or "too_large". Its code is errc::bad_message.
struct frame_fault : error {
  std::string_view counted;
};

/// Whether it can travel.
tl::expected<void, frame_fault> check_frame(const frame& f);
/// Of a frame that can travel.
byte_vector pack_preamble(const frame& f);
/// parts: preamble, header and payload, as they came.
tl::expected<frame, frame_fault> parse_frame(std::span<const byte_view> parts);

} // namespace dci
