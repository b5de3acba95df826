// Bytes in JSON: a string of hexadecimal digits, not a list of numbers. Whoever declares a struct
// with such a field includes this, so that it is read and written alike everywhere.
#pragma once

#include "runtime/base/hex.hpp"
#include "runtime/base/json_codec.hpp"

namespace dci {

template <>
struct json_codec<std::vector<std::uint8_t>> {
  static constexpr std::string_view kind = "bytes as hexadecimal digits";
  static json encode(const std::vector<std::uint8_t>& v) {
    return to_hex(v);
  }
  static decode_outcome decode(const json& in, std::vector<std::uint8_t>& out,
                               const std::string& path) {
    if (!in.is_string())
      return wrong_kind(in, kind, path);
    auto bytes = from_hex(in.get_ref<const std::string&>());
    if (!bytes)
      return decode_error{path, "must be hexadecimal digits 0 to 9 and a to f, two a byte"};
    out = std::move(*bytes);
    return {};
  }
};

template <std::size_t Size>
struct json_codec<std::array<std::uint8_t, Size>> {
  static constexpr std::string_view kind = "bytes as hexadecimal digits";
  static json encode(const std::array<std::uint8_t, Size>& v) {
    return to_hex(v);
  }
  static decode_outcome decode(const json& in, std::array<std::uint8_t, Size>& out,
                               const std::string& path) {
    if (!in.is_string())
      return wrong_kind(in, kind, path);
    if (!from_hex(in.get_ref<const std::string&>(), out))
      return decode_error{path, "must be " + std::to_string(2 * Size) +
                                    " hexadecimal digits 0 to 9 and a to f"};
    return {};
  }
};

} // namespace dci
