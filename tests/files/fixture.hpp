// Small files made on the spot, and the check that an error says what it must.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "runtime/base/files.hpp"

namespace dci::test {

/// A folder of its own, removed at the end.
class temp_dir {
 public:
  temp_dir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dci-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  ~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const {
    return path_;
  }
  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    REQUIRE(write_file(path_ / name, bytes));
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// A safetensors file with this header, whatever it says, and so many zero bytes.
inline std::string safetensors_of(const std::string& header, std::size_t data_bytes = 0) {
  std::string out(8, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    out[i] = static_cast<char>(header.size() >> (8 * i));
  return out + header + std::string(data_bytes, '\0');
}

struct test_tensor {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;
};

/// A well-formed safetensors file.
inline std::string safetensors_of(const std::vector<test_tensor>& tensors) {
  std::string header, data;
  for (const auto& tensor : tensors) {
    std::string shape;
    for (const auto size : tensor.shape)
      shape.append(shape.empty() ? "" : ",").append(std::to_string(size));
    header.append(header.empty() ? "{\"" : ",\"").append(tensor.name);
    header.append("\":{\"dtype\":\"").append(tensor.dtype);
    header.append("\",\"shape\":[").append(shape).append("],\"data_offsets\":[");
    header.append(std::to_string(data.size())).append(",");
    data += tensor.bytes;
    header.append(std::to_string(data.size())).append("]}");
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return safetensors_of(header) + data;
}

/// The bytes of these numbers.
inline std::string f32_bytes(const std::vector<float>& values) {
  std::string out(values.size() * sizeof(float), '\0');
  if (!values.empty())
    std::memcpy(out.data(), values.data(), out.size());
  return out;
}

/// That it failed with this code, in one line that has all these parts.
template <class Expected>
void check_error(const Expected& outcome, errc code, std::initializer_list<std::string> parts) {
  CHECK_FALSE(outcome.has_value());
  if (outcome.has_value())
    return;
  const auto& message = outcome.error().message;
  CAPTURE(message);
  CHECK(to_string(outcome.error().code) == to_string(code));
  CHECK(message.find('\n') == std::string::npos);
  for (const auto& part : parts) {
    CAPTURE(part);
    CHECK(message.find(part) != std::string::npos);
  }
}

} // namespace dci::test
