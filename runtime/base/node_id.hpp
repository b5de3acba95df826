// Who a node is: the SHA-256 of its Ed25519 public key, which is also its place
// on the overlay's ring.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

namespace dci {

/// 256 bits, the most significant byte first; ordered as numbers.
struct node_id {
  static constexpr std::size_t size = 32;

  std::array<std::uint8_t, size> bytes{};

  friend auto operator<=>(const node_id&, const node_id&) = default;
};

/// 64 hexadecimal digits in lower case.
std::string to_string(const node_id& id);
/// The first eight digits: enough for a log line, not to tell nodes apart.
std::string short_name(const node_id& id);
/// The inverse of to_string. Errors: bad_config for anything else.
expected<node_id> parse_node_id(std::string_view text);

} // namespace dci

template <>
struct std::hash<dci::node_id> {
  // Ids are hashes already.
  std::size_t operator()(const dci::node_id& id) const noexcept {
    std::size_t out;
    std::memcpy(&out, id.bytes.data(), sizeof(out));
    return out;
  }
};
