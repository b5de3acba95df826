// The metadata of a GGUF file: keys and typed values.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/gguf_reader.hpp"

namespace dci {

/// The kinds of values, by their numbers in files.
enum class gguf_type : std::uint32_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  f32,
  boolean,
  string,
  array,
  u64,
  i64,
  f64
};

/// An array of numbers or booleans, as they lie in the file.
struct gguf_numbers {
  gguf_type type = gguf_type::u8;
  std::span<const std::byte> bytes;

  std::size_t size() const;
  /// A number as the nearest double; booleans are 0 and 1.
  double at(std::size_t index) const;
};

struct gguf_value;
using gguf_strings = std::vector<std::string_view>;
using gguf_arrays = std::vector<gguf_value>;

/// Integers come in 64 bits and floats as doubles, whatever their width in the
/// file. Texts and numbers of arrays point into the file.
struct gguf_value {
  std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, gguf_numbers,
               gguf_strings, gguf_arrays>
      data;
};

using gguf_metadata = std::map<std::string, gguf_value, std::less<>>;

/// The value of a key when it is of type T, null otherwise.
template <class T>
const T* find_value(const gguf_metadata& metadata, std::string_view key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? nullptr : std::get_if<T>(&found->second.data);
}

/// Reads `count` keys with their values, each of which is there once. Errors:
/// bad_file naming the key.
expected<gguf_metadata> read_gguf_metadata(gguf_reader& from, std::uint64_t count);

} // namespace dci
