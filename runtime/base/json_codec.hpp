// JSON from and to reflected structs. Input is checked: an unknown key, a
// missing key, a wrong type or a number out of range is an error that says
// where, as a path of keys and indices.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/base/ids.hpp"
#include "runtime/base/layers.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

using json = nlohmann::json;

/// Why a value could not be read, and where: keys and indices as they are,
/// "/stages/1/host".
struct decode_error {
  std::string path;
  std::string message;
};

/// nullopt: it was read.
using decode_outcome = std::optional<decode_error>;

/// How one type is written as JSON and read back. Specialise for a type that
/// is neither reflected nor one of those below.
template <class T>
struct json_codec;

template <class T>
json to_json_value(const T& value) {
  return json_codec<T>::encode(value);
}

/// Reads into out; on an error out is unspecified.
template <class T>
decode_outcome from_json_value(const json& in, T& out, const std::string& path = "") {
  return json_codec<T>::decode(in, out, path);
}

/// "a string", "a table", ... for messages.
std::string_view json_kind(const json& value);
decode_outcome wrong_kind(const json& value, std::string_view wanted, const std::string& path);
/// Says which known key the unknown one resembles.
decode_outcome unknown_key(std::string_view key, const std::vector<std::string_view>& known,
                           const std::string& path);

template <>
struct json_codec<bool> {
  static constexpr std::string_view kind = "true or false";
  static json encode(bool v) {
    return v;
  }
  static decode_outcome decode(const json& in, bool& out, const std::string& path) {
    if (!in.is_boolean())
      return wrong_kind(in, kind, path);
    out = in.get<bool>();
    return {};
  }
};

template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct json_codec<T> {
  static constexpr std::string_view kind = "an integer";
  static json encode(T v) {
    return v;
  }
  static decode_outcome decode(const json& in, T& out, const std::string& path) {
    if (!in.is_number_integer())
      return wrong_kind(in, kind, path);
    const bool fits =
        in.is_number_unsigned()
            ? in.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
            : std::in_range<T>(in.get<std::int64_t>());
    if (!fits)
      return decode_error{path, in.dump() + " is out of range: from " +
                                    std::to_string(std::numeric_limits<T>::min()) + " to " +
                                    std::to_string(std::numeric_limits<T>::max())};
    out = in.get<T>();
    return {};
  }
};

template <class T>
requires std::is_floating_point_v<T>
struct json_codec<T> {
  static constexpr std::string_view kind = "a number";
  static json encode(T v) {
    return v;
  }
  static decode_outcome decode(const json& in, T& out, const std::string& path) {
    if (!in.is_number())
      return wrong_kind(in, kind, path);
    // TOML can say nan and inf, and a double may be more than a float holds.
    const auto value = in.get<double>();
    if (!(std::abs(value) <= std::numeric_limits<T>::max()))
      return decode_error{path, "must be a finite number no larger than " +
                                    json(std::numeric_limits<T>::max()).dump()};
    out = static_cast<T>(value);
    return {};
  }
};

template <>
struct json_codec<std::string> {
  static constexpr std::string_view kind = "a string";
  static json encode(const std::string& v) {
    return v;
  }
  static decode_outcome decode(const json& in, std::string& out, const std::string& path) {
    if (!in.is_string())
      return wrong_kind(in, kind, path);
    out = in.get<std::string>();
    return {};
  }
};

template <>
struct json_codec<json> {
  static constexpr std::string_view kind = "any value";
  static json encode(const json& v) {
    return v;
  }
  static decode_outcome decode(const json& in, json& out, const std::string&) {
    out = in;
    return {};
  }
};

/// Relative paths stay as written; whoever reads a file resolves them.
template <>
struct json_codec<std::filesystem::path> {
  static constexpr std::string_view kind = "a path";
  static json encode(const std::filesystem::path& v) {
    return v.string();
  }
  static decode_outcome decode(const json& in, std::filesystem::path& out,
                               const std::string& path) {
    if (!in.is_string())
      return wrong_kind(in, kind, path);
    out = in.get<std::string>();
    return {};
  }
};

/// Written as its name, for people to read. Reports carry enums, requests do not.
template <class T>
requires std::is_enum_v<T>
struct json_codec<T> {
  static constexpr std::string_view kind = "a name";
  static json encode(T v) {
    return std::string{to_string(v)};
  }
  static decode_outcome decode(const json&, T&, const std::string& path) {
    return decode_error{path, "is filled in by the runtime and cannot be written by hand"};
  }
};

template <class Tag, class Int>
struct json_codec<strong_id<Tag, Int>> {
  static constexpr std::string_view kind = "an integer";
  static json encode(strong_id<Tag, Int> v) {
    return v.value;
  }
  static decode_outcome decode(const json& in, strong_id<Tag, Int>& out, const std::string& path) {
    return from_json_value(in, out.value, path);
  }
};

/// [first, last]
template <>
struct json_codec<layer_span> {
  static constexpr std::string_view kind = "[first, last)";
  static json encode(layer_span v) {
    return json::array({v.first, v.last});
  }
  static decode_outcome decode(const json& in, layer_span& out, const std::string& path) {
    if (!in.is_array())
      return wrong_kind(in, "two integers [first, last]", path);
    if (in.size() != 2)
      return decode_error{path, "must be two integers [first, last], not a list of " +
                                    std::to_string(in.size())};
    if (auto e = from_json_value(in[0], out.first, path + "/0"))
      return e;
    return from_json_value(in[1], out.last, path + "/1");
  }
};

template <class T>
struct json_codec<std::optional<T>> {
  static constexpr std::string_view kind = json_codec<T>::kind;
  static json encode(const std::optional<T>& v) {
    return v ? to_json_value(*v) : json(nullptr);
  }
  static decode_outcome decode(const json& in, std::optional<T>& out, const std::string& path) {
    if (in.is_null()) {
      out.reset();
      return {};
    }
    return from_json_value(in, out.emplace(), path);
  }
};

template <class T>
struct json_codec<std::vector<T>> {
  static constexpr std::string_view kind = "a list";
  static json encode(const std::vector<T>& v) {
    auto out = json::array();
    for (const auto& x : v)
      out.push_back(to_json_value(x));
    return out;
  }
  static decode_outcome decode(const json& in, std::vector<T>& out, const std::string& path) {
    if (!in.is_array())
      return wrong_kind(in, kind, path);
    out.clear();
    out.reserve(in.size());
    for (std::size_t i = 0; i < in.size(); ++i)
      if (auto e = from_json_value(in[i], out.emplace_back(), path + "/" + std::to_string(i)))
        return e;
    return {};
  }
};

template <class T, std::size_t Size>
struct json_codec<std::array<T, Size>> {
  static constexpr std::string_view kind = "a list";
  static json encode(const std::array<T, Size>& v) {
    return json_codec<std::vector<T>>::encode({v.begin(), v.end()});
  }
  static decode_outcome decode(const json& in, std::array<T, Size>& out, const std::string& path) {
    std::vector<T> all;
    if (auto e = json_codec<std::vector<T>>::decode(in, all, path))
      return e;
    if (all.size() != Size)
      return decode_error{path, "must have " + std::to_string(Size) + " items"};
    std::ranges::copy(all, out.begin());
    return {};
  }
};

template <reflected T>
struct json_codec<T> {
  static constexpr std::string_view kind = "a table";
  static json encode(const T& v) {
    auto out = json::object();
    for_each_field<T>(
        [&](const auto& f) { out[std::string{f.name}] = to_json_value(v.*(f.member)); });
    return out;
  }
  static decode_outcome decode(const json& in, T& out, const std::string& path) {
    // An empty Lua table arrives as an empty list.
    if (!in.is_object() && !(in.is_array() && in.empty()))
      return wrong_kind(in, kind, path);
    decode_outcome failed;
    decode_outcome missing;
    std::vector<std::string_view> known;
    std::size_t present = 0;
    for_each_field<T>([&](const auto& f) {
      known.push_back(f.name);
      if (failed)
        return;
      const std::string key{f.name};
      if (const auto it = in.is_object() ? in.find(key) : in.end(); it != in.end()) {
        ++present;
        failed = from_json_value(*it, out.*(f.member), path + "/" + key);
      } else if (f.is_required && !missing) {
        missing = decode_error{path, "\"" + key + "\" is missing: " + std::string{f.doc}};
      }
    });
    if (failed || present == in.size())
      return failed ? failed : missing;
    // An unknown key may well be the missing one misspelt: it comes first.
    for (const auto& item : in.items())
      if (std::find(known.begin(), known.end(), item.key()) == known.end())
        return unknown_key(item.key(), known, path);
    return {};
  }
};

/// A field as a person reads it: name, kind, default, meaning.
struct field_doc {
  std::string name;
  std::string kind;
  std::string fallback; ///< the default as JSON; empty when required
  std::string doc;
};

template <reflected T>
std::vector<field_doc> document_fields() {
  std::vector<field_doc> out;
  const T defaults{};
  for_each_field<T>([&](const auto& f) {
    using member = typename std::remove_cvref_t<decltype(f)>::member_type;
    out.push_back({std::string{f.name}, std::string{json_codec<member>::kind},
                   f.is_required ? "" : to_json_value(defaults.*(f.member)).dump(),
                   std::string{f.doc}});
  });
  return out;
}

} // namespace dci
