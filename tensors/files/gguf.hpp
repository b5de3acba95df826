// The GGUF format, versions 2 and 3, little-endian: metadata, a list of tensors,
// and the tensors' bytes.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "runtime/base/error.hpp"
#include "tensors/files/gguf_metadata.hpp"
#include "tensors/files/tensor_file.hpp"

namespace dci {

/// What a file holds; all of it points into the file's bytes.
struct gguf_contents {
  gguf_metadata metadata;
  /// Shapes are row-major, [outputs, inputs]: the file lists dimensions the other
  /// way round.
  tensor_views tensors;
  std::span<const std::byte> header; ///< all before the tensors' bytes
};

/// The contents of a file whose bytes are these. Strict: no key or tensor comes
/// twice, every count fits the file, tensors lie inside of it, aligned and apart.
/// label: the file's name in messages. Errors: bad_file naming key or tensor and
/// the reason; unsupported for other versions, big-endian files and number
/// formats that dtype does not have.
expected<gguf_contents> parse_gguf(const std::string& label, std::span<const std::byte> file);

/// A mapped file, its metadata and its tensors.
class gguf_file final : public tensor_file {
 public:
  /// Reads and checks the header, no weight. Errors: as parse_gguf.
  static expected<std::shared_ptr<const gguf_file>> open(const std::filesystem::path& path);

  const gguf_metadata& metadata() const {
    return metadata_;
  }

 private:
  gguf_metadata metadata_;
};

/// Whether the path ends in .gguf.
bool has_gguf_name(const std::filesystem::path& path);

/// The GGUF file a model is in: the path itself when it is a .gguf file, the one
/// such file of a folder, or an empty path when there is none. Errors: bad_file
/// for a folder with several.
expected<std::filesystem::path> find_gguf(const std::filesystem::path& dir_or_file);

} // namespace dci
