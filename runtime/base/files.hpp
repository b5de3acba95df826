// Reading small files whole, with a limit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "runtime/base/error.hpp"

namespace dci {

/// The file's bytes. Errors: bad_file when it is missing, not a regular file,
/// unreadable, or larger than max_bytes (nothing is allocated then).
expected<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Replaces the file with these bytes. Errors: bad_file.
result write_file(const std::filesystem::path& path, std::string_view bytes);

} // namespace dci
