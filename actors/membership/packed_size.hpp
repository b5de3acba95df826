// How long members' messages are in a frame.
#pragma once

#include "actors/membership/messages.hpp"
#include "actors/packed_size.hpp"

namespace dci {

constexpr std::size_t packed_size(const members_request& m) {
  return 1 + packed_size(m.after) + 3 + m.padding;
}

} // namespace dci
