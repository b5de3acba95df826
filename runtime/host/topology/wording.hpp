// How the messages about a topology file quote what stands in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dci::topology_file {

/// "name" in quotes, shortened when it is long.
std::string in_quotes(std::string_view text);

/// "alpha", "beta" and 3 more
std::string listed(const std::vector<std::string>& names);

/// Control characters become "?", and what is too long for a line is cut.
std::string one_line(std::string text);

/// Why the text cannot name a host, an actor or a ring, and what could.
std::optional<std::string> bad_name(std::string_view name);

} // namespace dci::topology_file
