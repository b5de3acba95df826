// Writing GGUF files, version 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.hpp"
#include "tensors/files/dtype.hpp"
#include "tensors/files/gguf_metadata.hpp"

namespace dci {

/// Takes keys and tensors, each name once, and writes them in that order. The
/// tensors' bytes are made one tensor at a time, while the file is written.
class gguf_writer {
 public:
  /// Fills the tensor's bytes.
  using fill_fn = std::function<result(std::span<std::byte>)>;

  void add(std::string_view key, std::uint32_t value);
  void add(std::string_view key, float value);
  void add(std::string_view key, bool value);
  void add(std::string_view key, std::string_view value);
  void add(std::string_view key, const std::vector<std::string>& values);
  void add(std::string_view key, const std::vector<std::int32_t>& values);
  void add(std::string_view key, const std::vector<float>& values);
  // Or a text would become a boolean.
  void add(std::string_view key, const char* value) {
    add(key, std::string_view(value));
  }

  /// shape: row-major, at most four dimensions, rows of whole blocks; of a type
  /// that GGUF has.
  void add_tensor(std::string name, dtype type, std::vector<std::int64_t> shape, fill_fn fill);

  /// Writes to a file beside it, which takes the name when it is whole. progress
  /// gets what share of the bytes is written. Errors: bad_file, and those of the
  /// tensors.
  result write(const std::filesystem::path& path,
               const std::function<void(double)>& progress = {}) const;

 private:
  struct planned {
    std::string name;
    dtype type = dtype::F32;
    std::vector<std::int64_t> shape;
    fill_fn fill;
  };

  void add_key(std::string_view key, gguf_type type);
  std::string header() const;

  std::uint64_t keys_ = 0;
  std::string metadata_;
  std::vector<planned> tensors_;
};

} // namespace dci
