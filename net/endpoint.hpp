// Where a node's frames go, without a name to look up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "net/address.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// An IPv6 address, or an IPv4 one mapped into ::ffff:0:0/96, and a port. Fixed in size, so
/// that tables of many nodes stay small.
struct endpoint {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

/// "127.0.0.1:4701", "[::1]:4701".
std::string to_string(const endpoint& e);
/// The first IP address of a host name, or the literal. Waits for the resolver. Errors:
/// unreachable.
expected<endpoint> resolve(const address& a);

/// What an IPv4 address begins with.
inline constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
bool is_v4(const endpoint& e);

} // namespace dci
