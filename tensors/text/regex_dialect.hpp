// The regular expressions in a tokenizer.json are written for Oniguruma (its Ruby syntax). PCRE2
// reads nearly the same language; this file bridges the gaps or says that it cannot.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

namespace dci::text {

/// The same expression for PCRE2 with UTF, UCP and MULTILINE set and LF as the only newline.
///
/// What differs and is rewritten: \s (PCRE2 adds U+180E), \d, \w (another set), \h (a hex digit),
/// \v, \uHHHH, {,n}, and \p{Script} (PCRE2 would take script extensions).
/// Errors: unsupported, naming the construct, for what means something else in PCRE2 and is not
/// worth a rewrite: named and conditional groups, \b, class intersection and nesting, {n}+, ...
expected<std::string> onig_to_pcre2(std::string_view pattern);

/// What goes between [] for Rust's \w, in which some steps are defined: it is not Oniguruma's.
inline constexpr std::string_view rust_word_class =
    "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";

} // namespace dci::text
