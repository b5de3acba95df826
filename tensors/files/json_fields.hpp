// Typed, bounded access to the fields of a JSON object.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"

namespace dci {

/// What a field is called in messages, where that is not its key.
using field_names = std::map<std::string, std::string, std::less<>>;

/// Reads fields one after the other and keeps the first thing that is wrong, so
/// that a parser reads like a list. A JSON null counts as an absent field.
/// After a fault every call returns a fallback or the lowest legal value.
class json_fields {
 public:
  /// place: put before every message, such as the file's name.
  json_fields(const nlohmann::json& object, std::string place, field_names names = {});

  bool has(const char* key) const;
  /// The field, or null when it is absent.
  const nlohmann::json* find(const char* key) const;

  /// A whole number from low to high. Without a fallback it is required.
  std::uint32_t whole(const char* key, std::uint32_t low, std::uint32_t high);
  std::uint32_t whole(const char* key, std::uint32_t low, std::uint32_t high,
                      std::uint32_t fallback);
  /// A number strictly between low and high.
  double number(const char* key, double low, double high);
  double number(const char* key, double low, double high, double fallback);
  bool boolean(const char* key, bool fallback);
  std::string text(const char* key, const std::string& fallback);
  /// A token id, or a list of them; empty when absent.
  std::vector<token_id> ids(const char* key, std::uint32_t vocab);

  /// Notes a fault of this field, unless there was one before.
  void refuse(errc code, const char* key, const std::string& reason);
  /// The first fault.
  const std::optional<error>& fault() const {
    return fault_;
  }
  /// Takes over another reader's fault.
  void absorb(const json_fields& other);
  std::string place_of(const char* key) const;

 private:
  const nlohmann::json& object_;
  std::string place_;
  field_names names_;
  std::optional<error> fault_;
};

} // namespace dci
