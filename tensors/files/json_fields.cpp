#include "tensors/files/json_fields.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "tensors/files/json_file.hpp"

namespace dci {

namespace {

std::string plain(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

} // namespace

json_fields::json_fields(const nlohmann::json& object, std::string place, field_names names)
    : object_(object), place_(std::move(place)), names_(std::move(names)) {
  if (!object.is_object())
    fault_ = error{errc::bad_config, place_ + ": must be a JSON object, not " + brief(object)};
}

const nlohmann::json* json_fields::find(const char* key) const {
  if (!object_.is_object())
    return nullptr;
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool json_fields::has(const char* key) const {
  return find(key) != nullptr;
}

std::uint32_t json_fields::whole(const char* key, std::uint32_t low, std::uint32_t high) {
  const auto* value = find(key);
  if (value == nullptr) {
    refuse(errc::bad_config, key, "missing");
    return low;
  }
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() < low ||
      value->get<std::uint64_t>() > high) {
    refuse(errc::bad_config, key,
           brief(*value) + " is not a whole number from " + std::to_string(low) + " to " +
               std::to_string(high));
    return low;
  }
  return static_cast<std::uint32_t>(value->get<std::uint64_t>());
}

std::uint32_t json_fields::whole(const char* key, std::uint32_t low, std::uint32_t high,
                                 std::uint32_t fallback) {
  return has(key) ? whole(key, low, high) : fallback;
}

double json_fields::number(const char* key, double low, double high) {
  const auto* value = find(key);
  if (value == nullptr) {
    refuse(errc::bad_config, key, "missing");
    return high;
  }
  // Written so that a NaN fails too.
  if (!value->is_number() || !(value->get<double>() > low && value->get<double>() < high)) {
    refuse(errc::bad_config, key,
           brief(*value) + " is not a number between " + plain(low) + " and " + plain(high));
    return high;
  }
  return value->get<double>();
}

double json_fields::number(const char* key, double low, double high, double fallback) {
  return has(key) ? number(key, low, high) : fallback;
}

bool json_fields::boolean(const char* key, bool fallback) {
  const auto* value = find(key);
  if (value == nullptr)
    return fallback;
  if (!value->is_boolean()) {
    refuse(errc::bad_config, key, brief(*value) + " is neither true nor false");
    return fallback;
  }
  return value->get<bool>();
}

std::string json_fields::text(const char* key, const std::string& fallback) {
  const auto* value = find(key);
  if (value == nullptr)
    return fallback;
  if (!value->is_string()) {
    refuse(errc::bad_config, key, brief(*value) + " is not a string");
    return fallback;
  }
  return value->get<std::string>();
}

std::vector<token_id> json_fields::ids(const char* key, std::uint32_t vocab) {
  std::vector<token_id> out;
  const auto* value = find(key);
  if (value == nullptr)
    return out;
  const auto take = [&](const nlohmann::json& id) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= vocab)
      refuse(errc::bad_config, key,
             brief(id) + " is not a token id below the vocabulary's " + std::to_string(vocab));
    else
      out.push_back(static_cast<token_id>(id.get<std::uint64_t>()));
  };
  if (value->is_array())
    for (const auto& id : *value)
      take(id);
  else
    take(*value);
  return out;
}

void json_fields::refuse(errc code, const char* key, const std::string& reason) {
  if (!fault_)
    fault_ = error{code, place_of(key) + ": " + reason};
}

std::string json_fields::place_of(const char* key) const {
  const auto named = names_.find(key);
  return place_ + ": " + (named == names_.end() ? key : named->second);
}

void json_fields::absorb(const json_fields& other) {
  if (!fault_)
    fault_ = other.fault_;
}

} // namespace dci
