// Texts of strangers in our messages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dci {

/// Printable ASCII only, other bytes as '?', cut after `most` characters.
std::string printable(std::string_view text, std::size_t most);

/// In quotes, printable ASCII only, cut after 80 characters.
std::string shown(std::string_view text);

} // namespace dci
