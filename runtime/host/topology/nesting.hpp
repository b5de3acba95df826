// A look at a TOML text before it is parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dci::topology_file {

/// How many brackets may be open at once, and how many dots a key may have.
inline constexpr std::uint32_t max_toml_depth = 32;

struct text_place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// Where the text first nests deeper than max_toml_depth. The parser's trees
/// are destroyed recursively and it has no limit for dotted keys, so a hostile
/// "a.a.a...=1" would overflow the stack.
std::optional<text_place> find_deep_nesting(std::string_view text);

} // namespace dci::topology_file
