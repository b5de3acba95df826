// Compiled regular expressions: PCRE2 with Unicode properties, compiled to machine code where the
// processor allows it, and bounded in the steps one match may take.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"

namespace dci::text {

/// Bytes [begin, end) of a text.
struct byte_range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Immutable; copies share the compiled code; may be used by several threads at once.
class regex {
 public:
  /// Compiles an expression of the tokenizer.json dialect (regex_dialect.hpp). Errors: bad_file for
  /// what is no regular expression, unsupported for what we cannot translate.
  static expected<regex> compile(std::string_view pattern);

  /// Appends to `out` the matches in `text`, from left to right, found as Oniguruma's find_iter
  /// does: an empty match right behind the previous one is passed over. The text is valid UTF-8.
  /// Errors: bad_request when a match needs more steps than the limit.
  result find_all(std::string_view text, std::vector<byte_range>& out) const;

 private:
  struct code;
  std::shared_ptr<const code> code_;
};

} // namespace dci::text
