// Randomness of the machine itself, from which hosts seed what draws.
#pragma once

#include <cstdint>

namespace dci {

std::uint64_t machine_seed();

} // namespace dci
