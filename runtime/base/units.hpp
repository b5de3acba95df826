// Sizes as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

namespace dci {

/// "512MiB", "8 GiB", "1.5GB" or a plain number of bytes. Errors: bad_config.
expected<std::uint64_t> parse_bytes(std::string_view text);

/// "1.5 GiB", "812 KiB", "17 B".
std::string format_bytes(std::uint64_t bytes);

} // namespace dci
