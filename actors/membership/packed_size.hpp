// How long members' messages are in a frame.
#pragma once

#include "actors/membership/messages.hpp"
#include "actors/packed_size.hpp"

namespace dci {

/// What is held by pointer goes as what it points to.
template <class T>
constexpr std::size_t packed_size(const std::shared_ptr<const T>& item) {
  return packed_size(*item);
}
constexpr std::size_t packed_size(const members_request& m) {
  return 1 + packed_size(m.after) + 3 + m.padding;
}

} // namespace dci
