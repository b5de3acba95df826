// Probes and echoes as bytes.
#pragma once

#include <span>
#include <vector>

#include "actors/proximity_prober/messages.hpp"
#include "runtime/base/error.hpp"

namespace dci {

std::vector<std::uint8_t> pack_proximity(const proximity_message& message);
/// Errors: bad_message, naming the field.
expected<proximity_message> unpack_proximity(std::span<const std::uint8_t> bytes);

} // namespace dci
