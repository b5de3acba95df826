// The machine this process runs on.
#pragma once

#include <cstdint>
#include <string>

namespace dci {

/// The same for all processes of one running machine, another after a reboot.
std::string machine_id();

/// Bytes that programs could still take without swapping: the kernel's
/// MemAvailable, or a control group's limit where that is lower; 0 if unknown.
std::uint64_t available_memory();

} // namespace dci
