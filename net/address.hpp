// Where a host listens: HOST:PORT, as text and as a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

namespace dci {

/// A TCP endpoint. host is an IPv4 or IPv6 literal in its shortest spelling,
/// without brackets, or a host name in lower case.
struct address {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const address&, const address&) = default;
};

/// Reads "127.0.0.1:4701", "[::1]:4701" or "localhost:4701". Nothing is looked
/// up. Errors: bad_config for any other form and for a port outside 1 to 65535.
expected<address> parse_address(std::string_view text);

/// The inverse of parse_address; an IPv6 host stands in brackets.
std::string to_string(const address& a);

/// In 127.0.0.0/8, ::1 or the name "localhost".
bool is_loopback(const address& a);

/// The host is a name that would have to be looked up, not a literal.
bool is_host_name(const address& a);

} // namespace dci
