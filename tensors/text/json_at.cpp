#include "tensors/text/json_at.hpp"

#include <nlohmann/json.hpp>

#include "tensors/text/utf8.hpp"

namespace dci::text {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 60;
  const bool cut = text.size() > most;
  if (cut)
    text = text.substr(0, most);
  const std::size_t whole = scan_utf8(text).valid;
  std::string out = "\"";
  for (const char c : text.substr(0, whole))
    out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c);
  out += cut || whole < text.size() ? "...\"" : "\"";
  return out;
}

json_at::json_at(const nlohmann::json& value, std::string_view file) : value_(&value), file_(file) {
}

json_at::json_at(const json_at& parent, const nlohmann::json& value, std::string place)
    : value_(&value), file_(parent.file_), place_(std::move(place)) {
}

tl::unexpected<error> json_at::bad(std::string_view reason) const {
  return fail(errc::bad_file,
              file_ + ": " + (place_.empty() ? "" : place_ + ": ") + std::string(reason));
}

tl::unexpected<error> json_at::unsupported(std::string_view reason) const {
  return fail(errc::unsupported,
              file_ + ": " + (place_.empty() ? "" : place_ + ": ") + std::string(reason));
}

bool json_at::has(std::string_view key) const {
  if (!value_->is_object())
    return false;
  const auto it = value_->find(std::string(key));
  return it != value_->end() && !it->is_null();
}

bool json_at::is_object() const {
  return value_->is_object();
}

bool json_at::is_zero() const {
  return value_->is_number() && value_->get<double>() == 0.0;
}

expected<json_at> json_at::at(std::string_view key) const {
  if (!value_->is_object())
    return bad("is not an object");
  const auto it = value_->find(std::string(key));
  if (it == value_->end())
    return bad("has no " + in_quotes(key));
  return json_at(*this, *it, place_.empty() ? std::string(key) : place_ + "." + std::string(key));
}

expected<std::vector<json_at>> json_at::list(std::string_view key) const {
  DCI_ASSIGN(const json_at array, at(key));
  if (!array.value_->is_array())
    return array.bad("is not an array");
  std::vector<json_at> items;
  items.reserve(array.value_->size());
  for (const auto& item : *array.value_)
    items.push_back(json_at(array, item, array.place_ + "[" + std::to_string(items.size()) + "]"));
  return items;
}

expected<std::string> json_at::text() const {
  if (!value_->is_string())
    return bad("is not a string");
  return value_->get<std::string>();
}

expected<std::string> json_at::text(std::string_view key) const {
  DCI_ASSIGN(const json_at value, at(key));
  return value.text();
}

expected<std::optional<std::string>> json_at::maybe_text(std::string_view key) const {
  if (!has(key))
    return std::optional<std::string>();
  DCI_ASSIGN(std::string found, text(key));
  return std::optional<std::string>(std::move(found));
}

expected<bool> json_at::flag(std::string_view key, bool otherwise) const {
  if (!has(key))
    return otherwise;
  DCI_ASSIGN(const json_at value, at(key));
  if (!value.value_->is_boolean())
    return value.bad("is neither true nor false");
  return value.value_->get<bool>();
}

expected<std::int64_t> json_at::integer(std::int64_t low, std::int64_t high) const {
  const bool small = value_->is_number_integer() &&
                     (!value_->is_number_unsigned() ||
                      value_->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX));
  if (!small || value_->get<std::int64_t>() < low || value_->get<std::int64_t>() > high)
    return bad("is not an integer from " + std::to_string(low) + " to " + std::to_string(high));
  return value_->get<std::int64_t>();
}

expected<std::int64_t> json_at::integer(std::string_view key, std::int64_t low,
                                        std::int64_t high) const {
  DCI_ASSIGN(const json_at value, at(key));
  return value.integer(low, high);
}

expected<std::string> json_at::type() const {
  return text("type");
}

} // namespace dci::text
