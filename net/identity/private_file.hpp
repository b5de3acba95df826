// Files that hold secrets or must not be lost: checked when they are opened,
// whole and on the disk when they are written.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "net/descriptor.hpp"
#include "runtime/base/error.hpp"

namespace dci {

enum class file_readers { owner, everyone };

/// A new file with these bytes, mode 0600 or 0644, durable when this returns.
/// Errors: already_exists for whatever has that name, links too; bad_file.
result create_file(const std::filesystem::path& path, std::string_view bytes, file_readers who);

/// The same in place of the file that has the name: readers see the old bytes or
/// the new ones, never a mixture. Errors: bad_file.
result replace_file(const std::filesystem::path& path, std::string_view bytes, file_readers who);

/// The bytes of a regular file that belongs to us or root and that group and
/// others can neither read nor write. The opened file is judged, not its name, so
/// it cannot be swapped in between. Errors: bad_file.
expected<std::string> read_private_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Keeps other processes, and this one, from locking the same file until the
/// descriptor is closed. Errors: busy when it is locked; bad_file.
expected<descriptor> lock_file(const std::filesystem::path& path);

} // namespace dci
