// The "pattern" of a Split or Replace step: a plain string or a regular expression.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tensors/text/json_at.hpp"
#include "tensors/text/regex.hpp"

namespace dci::text {

class pattern {
 public:
  /// Matches `text` itself, which is not empty.
  static pattern literal(std::string text);
  /// Errors: as regex::compile.
  static expected<pattern> expression(std::string_view regex);
  /// Reads {"String": "..."} or {"Regex": "..."}. Errors: bad_file, unsupported.
  static expected<pattern> read(const json_at& json);

  /// Appends the matches in `text`, from left to right. Errors: as regex::find_all.
  result find_all(std::string_view text, std::vector<byte_range>& out) const;
  /// `text` with every match replaced by `content`. Errors: as regex::find_all.
  expected<std::string> replace_all(std::string_view text, std::string_view content) const;

 private:
  explicit pattern(std::variant<std::string, regex> what);

  std::variant<std::string, regex> what_;
};

} // namespace dci::text
