// Names out of files, made fit to be printed.
#pragma once

#include <string>
#include <string_view>

namespace dci {

/// "text" in double quotes on one line: control characters and bytes outside
/// ASCII become \xNN, and what exceeds 80 bytes is cut with "...". For names
/// that come out of files nobody vouches for.
std::string in_quotes(std::string_view text);

} // namespace dci
