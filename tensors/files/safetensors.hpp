// The safetensors format: 8 bytes of header length (little-endian), a JSON
// header that says where each tensor lies, and the tensors' bytes.
// https://github.com/huggingface/safetensors#format
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "runtime/base/error.hpp"
#include "tensors/files/tensor_file.hpp"

namespace dci {

/// The longest header the format allows.
inline constexpr std::uint64_t max_safetensors_header = 100'000'000;

/// The tensors of a file whose bytes are these; they point into it. Strict: the
/// tensors must cover the bytes after the header exactly, with no overlap and
/// no gap, as the format demands. label: the file's name in messages. Errors:
/// bad_file naming the tensor and the reason.
expected<tensor_views> parse_safetensors(const std::string& label, std::span<const std::byte> file);

/// The header is the JSON.
class safetensors_file final : public tensor_file {
 public:
  /// Reads and checks the header, no weight. Errors: bad_file.
  static expected<std::shared_ptr<const safetensors_file>> open(const std::filesystem::path& path);
};

} // namespace dci
