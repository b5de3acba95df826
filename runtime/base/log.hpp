// Logs go to standard error through spdlog, so that standard output carries
// only what was asked for.
#pragma once

#include <string>

#include <spdlog/spdlog.h>

#include "runtime/base/error.hpp"

namespace dci {

/// level: trace, debug, info, warn, error or off. origin, the host's name,
/// stands in every line. Errors: usage.
result start_logging(const std::string& level, const std::string& origin);

} // namespace dci
