// What an actor or a host may be called.
#pragma once

#include <string_view>

#include "runtime/base/error.hpp"

namespace dci {

/// Letters, digits, '_', '-' and '.', at most 64 of them; "kind" says of what,
/// for the message. Errors: bad_config.
result check_name(std::string_view kind, std::string_view name);

} // namespace dci
