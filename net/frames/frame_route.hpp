// The way back to whoever sent a frame.
#pragma once

#include "net/frames/frame_contact.hpp"

namespace dci {

/// A connection of a frame port, for as long as that lasts.
struct frame_route {
  frame_peer peer; ///< peer.curve: the key that it has proved; who: only of our own connections
  byte_vector connection; ///< which of those that peers made to us; empty: ours to this peer
};

} // namespace dci
