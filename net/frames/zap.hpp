// ZeroMQ's question whether a peer may connect (RFC 27), and the answer.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/frames/frame_contact.hpp"

namespace dci {

/// Why nobody who has proved this key may connect; empty: he may.
using key_judge = std::function<std::string_view(const curve_key&)>;

/// The parts to answer with. Whoever is let in is known by the digits of his key: what he sends
/// says so as "User-Id".
std::vector<std::string> answer_zap(std::span<const byte_view> asked, const key_judge& against);

} // namespace dci
