// Unicode's normal forms and lower case, over utf8proc's tables.
#pragma once

#include <string>
#include <string_view>

namespace dci::text {

enum class unicode_form { nfc, nfd, nfkc, nfkd };

/// The text in a normal form (UAX #15). Valid UTF-8 in, valid UTF-8 out; O(n log n) also for long
/// runs of combining marks.
std::string to_form(std::string_view text, unicode_form form);

/// Every character in its lower case, one by one (no final-sigma rule), as Rust's
/// char::to_lowercase does.
std::string to_lower(std::string_view text);

} // namespace dci::text
