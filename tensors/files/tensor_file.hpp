// Tensors in a file: what all formats have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensors/files/dtype.hpp"
#include "tensors/files/mapped_file.hpp"

namespace dci {

/// One tensor of a file: row-major, little-endian, not necessarily aligned. The
/// last dimension of a quantized one is whole blocks.
struct tensor_view {
  dtype type = dtype::F32;
  std::vector<std::int64_t> shape; ///< empty for a scalar
  std::span<const std::byte> bytes;
};

using tensor_views = std::map<std::string, tensor_view, std::less<>>;

/// "[2, 3]"
std::string shape_text(std::span<const std::int64_t> shape);

/// A mapped file and its tensors, which stay valid as long as it lives.
class tensor_file {
 public:
  const std::filesystem::path& path() const {
    return file_->path();
  }
  const tensor_views& tensors() const {
    return tensors_;
  }
  /// Null when there is none of that name.
  const tensor_view* find(std::string_view name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second;
  }
  /// The bytes that say which tensors there are, and no weight.
  std::span<const std::byte> header() const {
    return header_;
  }

 protected:
  tensor_file() = default;
  ~tensor_file() = default;

  std::shared_ptr<const mapped_file> file_;
  tensor_views tensors_;
  std::span<const std::byte> header_;
};

} // namespace dci
