// Links' messages as ZeroMQ frames: a msgpack header, and the numbers of all matrices behind one
// another.
#pragma once

#include <variant>

#include "actors/step_link/messages.hpp"
#include "net/frames/frame.hpp"

namespace dci {

using link_message = std::variant<step_frame, link_report_event>;

/// The frame has no addresses yet.
frame pack_link_message(const link_message& message);
/// Errors: bad_message, naming the field.
expected<link_message> unpack_link_message(const frame& from);

} // namespace dci
