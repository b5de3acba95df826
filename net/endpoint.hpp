// Where a node's frames go, without a name to look up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace dci {

/// An IPv6 address, or an IPv4 one mapped into ::ffff:0:0/96, and a port. Fixed in size, so
/// that tables of many nodes stay small.
struct endpoint {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

} // namespace dci
