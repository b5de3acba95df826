// When a node asks for new certificates, and when again if it gets none. Pure: the time is given.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "net/identity/certificate.hpp"

namespace dci {

/// When two thirds of the time of the certificate are over that comes to that first. Its time
/// begins when it was made, which is five minutes after it begins to be valid, where an authority
/// of ours has made it. certificates: at least one.
wall_time renewal_due(std::span<const certificate> certificates);

/// The first end. certificates: at least one.
wall_time first_end(std::span<const certificate> certificates);

/// How long to wait after so many failures, 1 or more, one after the other: longer each time, but
/// there are always several tries to come before the end. left: until the certificates end; from 0
/// downwards when they have.
std::chrono::seconds pause_after(unsigned failures, std::chrono::seconds left);

/// "2 d 3 h", "3 h 20 min", "5 min", "40 s".
std::string span_text(std::chrono::seconds span);

} // namespace dci
