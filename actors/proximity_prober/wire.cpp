#include "actors/proximity_prober/wire.hpp"

#include "net/wire/codec.hpp"

namespace dci {

std::vector<std::uint8_t> pack_proximity(const proximity_message& message) {
  return wire::pack(message);
}

expected<proximity_message> unpack_proximity(std::span<const std::uint8_t> bytes) {
  return wire::unpack<proximity_message>(bytes, "proximity_message");
}

} // namespace dci
