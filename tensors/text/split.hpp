// Cutting pieces at the matches of a pattern.
#pragma once

#include <optional>
#include <string_view>

#include "tensors/text/pattern.hpp"
#include "tensors/text/text_pieces.hpp"

namespace dci::text {

/// What becomes of a match: a piece of its own, dropped, joined with neighbouring matches, or
/// joined with the text before or behind it.
enum class split_behavior { isolated, removed, contiguous, merged_with_previous, merged_with_next };

/// The names that tokenizer.json uses: "Isolated", "MergedWithNext", ...
std::optional<split_behavior> split_behavior_from_string(std::string_view name);

/// Cuts every piece that is not a token yet. With `invert` what lies between the matches counts as
/// the matches. Errors: as regex::find_all.
result split_pieces(text_pieces& pieces, const pattern& at, split_behavior behavior, bool invert);

} // namespace dci::text
