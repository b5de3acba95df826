#include "tensors/files/safetensors_header.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "tensors/files/in_quotes.hpp"

namespace dci {

namespace {

using json = nlohmann::json;

// No model has tensors of more dimensions, and the checks stay cheap.
constexpr std::size_t max_rank = 8;

// Listens to the JSON parser. Every event that the format does not have at
// that place makes it stop with a reason.
class header_listener final : public nlohmann::json_sax<json> {
 public:
  std::vector<header_entry> entries;
  std::string reason;

  bool start_object(std::size_t) override {
    if (where_ == place::outside)
      return go(place::top);
    if (where_ == place::top && pending_)
      return go(*pending_ == "__metadata__" ? place::metadata : begin_tensor());
    return unexpected("an object");
  }

  bool end_object() override {
    if (where_ == place::tensor && !finish_tensor())
      return false;
    return go(where_ == place::top ? place::outside : place::top);
  }

  bool key(string_t& name) override {
    if (where_ == place::top) {
      if (!names_.insert(name).second)
        return stop("tensor " + in_quotes(name) + ": listed twice");
      pending_ = name;
      return true;
    }
    if (where_ == place::metadata)
      return metadata_keys_.insert(name).second ||
             stop("__metadata__: key " + in_quotes(name) + " appears twice");
    if (name != "dtype" && name != "shape" && name != "data_offsets")
      return stop(tensor() + "unknown key " + in_quotes(name));
    if (!fields_.insert(name).second)
      return stop(tensor() + "key " + in_quotes(name) + " appears twice");
    field_ = name;
    return true;
  }

  bool string(string_t& text) override {
    if (where_ == place::metadata)
      return true;
    if (where_ != place::tensor || field_ != "dtype")
      return unexpected("a string");
    const auto type = safetensors_dtype(text);
    if (!type)
      return stop(tensor() + "dtype " + in_quotes(text) + " is unknown");
    entry_.type = *type;
    return true;
  }

  bool start_array(std::size_t) override {
    if (where_ == place::tensor && field_ == "shape")
      return go(place::shape);
    if (where_ == place::tensor && field_ == "data_offsets")
      return go(place::offsets);
    return unexpected("an array");
  }

  bool end_array() override {
    if (where_ == place::offsets && offsets_.size() != 2)
      return stop(tensor() + "data_offsets needs two numbers");
    return go(place::tensor);
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (where_ == place::shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return stop(tensor() + "dimension " + std::to_string(value) + " is absurd");
      if (entry_.shape.size() == max_rank)
        return stop(tensor() + "shape has more than " + std::to_string(max_rank) + " dimensions");
      entry_.shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (where_ != place::offsets)
      return unexpected("a number");
    if (offsets_.size() == 2)
      return stop(tensor() + "data_offsets needs two numbers");
    offsets_.push_back(value);
    return true;
  }

  bool number_integer(number_integer_t value) override {
    return unexpected("the negative number " + std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return unexpected("the number " + in_quotes(text));
  }
  bool null() override {
    return unexpected("null");
  }
  bool boolean(bool) override {
    return unexpected("true or false");
  }
  bool binary(binary_t&) override {
    return unexpected("binary data");
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    return stop("the header is not valid JSON at its byte " + std::to_string(position));
  }

 private:
  enum class place { outside, top, metadata, tensor, shape, offsets };

  bool go(place to) {
    where_ = to;
    if (to == place::top)
      pending_.reset();
    return true;
  }

  bool stop(std::string why) {
    reason = std::move(why);
    return false;
  }

  std::string tensor() const {
    return "tensor " + in_quotes(entry_.name) + ": ";
  }

  bool unexpected(const std::string& what) {
    switch (where_) {
      case place::outside:
        return stop("the header must be a JSON object");
      case place::top:
        return stop("tensor " + in_quotes(pending_.value_or("")) + ": needs an object, not " +
                    what);
      case place::metadata:
        return stop("__metadata__: only strings are allowed, not " + what);
      case place::shape:
        return stop(tensor() + "shape needs whole numbers of at least 0, not " + what);
      case place::offsets:
        return stop(tensor() + "data_offsets needs whole numbers of at least 0, not " + what);
      case place::tensor:
        break;
    }
    return stop(tensor() + in_quotes(field_) + " cannot be " + what);
  }

  place begin_tensor() {
    entry_ = header_entry{};
    entry_.name = *pending_;
    fields_.clear();
    offsets_.clear();
    return place::tensor;
  }

  bool finish_tensor() {
    for (const auto* field : {"dtype", "shape", "data_offsets"})
      if (!fields_.contains(field))
        return stop(tensor() + "key " + in_quotes(field) + " is missing");
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    entries.push_back(std::move(entry_));
    return true;
  }

  place where_ = place::outside;
  std::optional<std::string> pending_; // the top key whose value is to come
  std::string field_;
  header_entry entry_;
  std::vector<std::uint64_t> offsets_;
  std::unordered_set<std::string> names_, metadata_keys_, fields_;
};

} // namespace

expected<std::vector<header_entry>> parse_safetensors_header(const std::string& label,
                                                             std::string_view text) {
  // The format reserves any other beginning, among them blanks and a byte-order mark.
  if (!text.starts_with('{'))
    return fail(errc::bad_file, label + ": not a safetensors file: the header must begin with {");
  // The parser takes a NUL for the end of the text and would skip what follows it.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return fail(errc::bad_file, label + ": the header is not valid JSON at its byte " +
                                    std::to_string(nul + 1) + ": a NUL");
  header_listener listener;
  if (!json::sax_parse(text.begin(), text.end(), &listener))
    return fail(errc::bad_file, label + ": " + listener.reason);
  return std::move(listener.entries);
}

} // namespace dci
