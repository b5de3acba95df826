// How long reports are in a frame.
#pragma once

#include "actors/gossip/messages.hpp"
#include "actors/packed_size.hpp"

namespace dci {

constexpr std::size_t packed_size(const network_place& p) {
  return 1 + 5 * (p.at.size() + 2);
}

} // namespace dci
