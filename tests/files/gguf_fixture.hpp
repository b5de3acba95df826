// GGUF files made on the spot, byte by byte, so that they can be wrong.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tensors/files/gguf_metadata.hpp"
#include "tests/files/fixture.hpp"

namespace dci::test {

/// A number's bytes.
template <class T>
std::string raw(T value) {
  std::string out(sizeof value, '\0');
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}

inline std::string raw_text(std::string_view text) {
  return raw(std::uint64_t{text.size()}) + std::string(text);
}

inline std::string raw_type(gguf_type type) {
  return raw(static_cast<std::uint32_t>(type));
}

// Values with their types before them.
inline std::string u32(std::uint32_t value) {
  return raw_type(gguf_type::u32) + raw(value);
}
inline std::string f32(float value) {
  return raw_type(gguf_type::f32) + raw(value);
}
inline std::string boolean(bool value) {
  return raw_type(gguf_type::boolean) + raw(value);
}
inline std::string text(std::string_view value) {
  return raw_type(gguf_type::string) + raw_text(value);
}
inline std::string texts(const std::vector<std::string>& values) {
  auto out = raw_type(gguf_type::array) + raw_type(gguf_type::string);
  out += raw(std::uint64_t{values.size()});
  for (const auto& value : values)
    out += raw_text(value);
  return out;
}
template <class T>
std::string numbers(gguf_type type, const std::vector<T>& values) {
  auto out = raw_type(gguf_type::array) + raw_type(type) + raw(std::uint64_t{values.size()});
  for (const auto value : values)
    out += raw(value);
  return out;
}

/// A key and its value, with the type before it.
struct gguf_pair {
  std::string key;
  std::string value;
};

struct gguf_tensor {
  std::string name;
  std::vector<std::uint64_t> dimensions; ///< as the file has them: inputs first
  std::uint32_t type = 0;                ///< GGML's number
  std::string bytes;
};

/// A file whose tensors follow one another.
inline std::string gguf_of(const std::vector<gguf_pair>& pairs,
                           const std::vector<gguf_tensor>& tensors = {},
                           std::uint64_t alignment = 32, std::uint32_t version = 3) {
  std::string out =
      "GGUF" + raw(version) + raw(std::uint64_t{tensors.size()}) + raw(std::uint64_t{pairs.size()});
  for (const auto& pair : pairs)
    out += raw_text(pair.key) + pair.value;
  const auto pad = [&](std::string& bytes) {
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
  };
  std::string data;
  for (const auto& tensor : tensors) {
    out += raw_text(tensor.name) + raw(static_cast<std::uint32_t>(tensor.dimensions.size()));
    for (const auto size : tensor.dimensions)
      out += raw(size);
    out += raw(tensor.type) + raw(std::uint64_t{data.size()});
    data += tensor.bytes;
    pad(data);
  }
  if (!tensors.empty())
    pad(out);
  return out + data;
}

} // namespace dci::test
