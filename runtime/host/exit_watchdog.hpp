// CAF waits at the end for peers that may be frozen; a program must not.
#pragma once

#include <chrono>

namespace dci {

/// From now on, this process ends with the exit code when the time is up, if it
/// has not ended by itself. Standard output is flushed first.
void exit_at_latest(std::chrono::milliseconds from_now, int code);

/// Ends the process with its output flushed, but without static destructors:
/// threads of an actor system that did not end may still use what those destroy.
[[noreturn]] void end_process(int code);

} // namespace dci
