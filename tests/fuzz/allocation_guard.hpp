// Ends the program when a fuzz target asks for far more memory than its input justifies.
#pragma once

namespace dci::fuzz {

/// While on, one allocation of more than 64 MiB aborts. No effect under the address sanitizer,
/// which has its own allocator and limit.
void guard_allocations(bool on);

} // namespace dci::fuzz
