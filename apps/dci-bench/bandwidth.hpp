// How fast this machine reads memory.
#pragma once

#include <cstdint>

namespace dci {

/// 10^9 bytes per second that so many threads read together, from memory far
/// larger than the caches.
double read_gb_per_s(std::uint32_t threads);

} // namespace dci
