// A file seen as bytes in memory, without reading what nobody asks for.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "runtime/base/error.hpp"

namespace dci {

/// A read-only memory map of a whole file, unmapped when the last owner goes.
/// The file must not shrink while it is mapped: reading a page that is gone
/// ends the process with SIGBUS, so replace model files, do not rewrite them.
class mapped_file {
 public:
  /// Errors: bad_file when it is missing, not a regular file or unreadable.
  static expected<std::shared_ptr<const mapped_file>> open(const std::filesystem::path& path);

  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;
  ~mapped_file();

  const std::filesystem::path& path() const {
    return path_;
  }
  std::span<const std::byte> bytes() const {
    return bytes_;
  }

 private:
  mapped_file(std::filesystem::path path, std::span<const std::byte> bytes);

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
};

} // namespace dci
