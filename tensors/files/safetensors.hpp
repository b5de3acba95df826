// The safetensors format: 8 bytes of header length (little-endian), a JSON
// header that says where each tensor lies, and the tensors' bytes.
// https://github.com/huggingface/safetensors#format
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

#include "runtime/base/error.hpp"
#include "tensors/files/dtype.hpp"
#include "tensors/files/mapped_file.hpp"

namespace dci {

/// The longest header the format allows.
inline constexpr std::uint64_t max_safetensors_header = 100'000'000;

/// One tensor of a file: row-major, little-endian, not necessarily aligned.
struct tensor_view {
  dtype type = dtype::F32;
  std::vector<std::int64_t> shape; ///< empty for a scalar
  std::span<const std::byte> bytes;
};

using tensor_views = std::map<std::string, tensor_view, std::less<>>;

/// The tensors of a file whose bytes are these; they point into it. Strict: the
/// tensors must cover the bytes after the header exactly, with no overlap and
/// no gap, as the format demands. label: the file's name in messages. Errors:
/// bad_file naming the tensor and the reason.
expected<tensor_views> parse_safetensors(const std::string& label, std::span<const std::byte> file);

/// "[2, 3]"
std::string shape_text(std::span<const std::int64_t> shape);

/// A mapped file and its tensors, which stay valid as long as it lives.
class safetensors_file {
 public:
  /// Reads and checks the header, no weight. Errors: bad_file.
  static expected<std::shared_ptr<const safetensors_file>> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const {
    return file_->path();
  }
  const tensor_views& tensors() const {
    return tensors_;
  }
  /// Null when there is none of that name.
  const tensor_view* find(std::string_view name) const;
  /// The JSON header's bytes.
  std::span<const std::byte> header() const;

 private:
  std::shared_ptr<const mapped_file> file_;
  tensor_views tensors_;
};

} // namespace dci
