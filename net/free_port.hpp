// Ports nobody listens on, for hosts that a launcher starts itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/error.hpp"

namespace dci {

/// A TCP port of 127.0.0.1 that was free a moment ago. The socket that proved
/// it is closed again, so another process may take the port before the caller
/// binds it: whoever then fails to listen asks for another one. It is drawn from
/// tens of thousands that the kernel gives to nobody by itself, so this is rare.
/// Errors: unreachable when no socket can be bound.
expected<std::uint16_t> free_loopback_port();

/// n distinct such ports: all are bound at the same time before the first is
/// closed. Errors: unreachable, also when n sockets are more than this process
/// may open.
expected<std::vector<std::uint16_t>> free_loopback_ports(std::size_t n);

} // namespace dci
