// Reading fields of a JSON file whose every complaint names the file, the place and the reason.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/base/error.hpp"

namespace dci::text {

/// `text` in double quotes on one line: control characters shown as '?', cut after 60 bytes.
std::string in_quotes(std::string_view text);

/// A value inside a JSON file and the way to it ("decoder.decoders[2]"). The value is not owned:
/// the document must outlive it.
class json_at {
 public:
  json_at(const nlohmann::json& value, std::string_view file);

  /// "FILE: PLACE: reason"
  tl::unexpected<error> bad(std::string_view reason) const;
  tl::unexpected<error> unsupported(std::string_view reason) const;

  /// The member is there and is not null.
  bool has(std::string_view key) const;
  bool is_object() const;
  bool is_zero() const;
  /// The same place, one step further in. Errors: bad_file when this is no object or has no such
  /// member.
  expected<json_at> at(std::string_view key) const;
  /// The elements of the array under `key`. Errors: bad_file.
  expected<std::vector<json_at>> list(std::string_view key) const;
  /// This value as a string. Errors: bad_file.
  expected<std::string> text() const;
  expected<std::string> text(std::string_view key) const;
  /// The string under `key`, or nothing where it is missing or null. Errors: bad_file.
  expected<std::optional<std::string>> maybe_text(std::string_view key) const;
  /// The boolean under `key`, or `otherwise` where it is missing or null. Errors: bad_file.
  expected<bool> flag(std::string_view key, bool otherwise) const;
  /// The integer under `key`, between low and high. Errors: bad_file.
  expected<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high) const;
  /// This value as an integer between low and high. Errors: bad_file.
  expected<std::int64_t> integer(std::int64_t low, std::int64_t high) const;
  /// The string under "type".
  expected<std::string> type() const;

 private:
  json_at(const json_at& parent, const nlohmann::json& value, std::string place);

  const nlohmann::json* value_;
  std::string file_;
  std::string place_;
};

} // namespace dci::text
