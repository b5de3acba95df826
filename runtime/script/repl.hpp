// The interactive console: read a line, run it, print its values.
#pragma once

#include "runtime/script/interpreter.hpp"
#include "runtime/script/notices.hpp"

namespace dci {

/// Until Ctrl-D, os.exit or the program's end. Answers the exit code.
int read_and_run(interpreter& lua, notices& others);

} // namespace dci
