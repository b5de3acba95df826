#include "net/identity/private_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace dci {

namespace {

namespace fs = std::filesystem;

tl::unexpected<error> bad(const fs::path& path, const std::string& why) {
  return fail(errc::bad_file, path.string() + ": " + why);
}

tl::unexpected<error> system_error(const fs::path& path, const std::string& what) {
  return bad(path, what + ": " + std::strerror(errno));
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path{"."};
}

result write_all(int fd, const fs::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR)
      return system_error(path, "cannot be written");
    if (n > 0)
      bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// Without this a crash could lose the name although the bytes are on the disk.
result sync_folder(const fs::path& path) {
  const descriptor folder{open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0 || fsync(folder.get()) != 0)
    return system_error(path, "its folder cannot be synchronized");
  return {};
}

/// Writes the bytes to a temporary name beside the path, which is then removed
/// again unless it was moved away.
class temporary_file {
 public:
  ~temporary_file() {
    if (!name_.empty())
      unlink(name_.c_str());
  }

  result write(const fs::path& path, std::string_view bytes, file_readers who) {
    auto name = path.string() + ".XXXXXX";
    // Creates with O_EXCL, which follows no link, and mode 0600.
    const descriptor file{mkostemp(name.data(), O_CLOEXEC)};
    if (file.get() < 0)
      return system_error(path, "cannot be created");
    name_ = name;
    if (fchmod(file.get(), who == file_readers::owner ? 0600 : 0644) != 0)
      return system_error(path, "its mode cannot be set");
    DCI_TRY(write_all(file.get(), path, bytes));
    if (fsync(file.get()) != 0)
      return system_error(path, "cannot be synchronized");
    return {};
  }

  const char* name() const {
    return name_.c_str();
  }

 private:
  std::string name_;
};

std::string octal(mode_t mode) {
  std::string out = "0";
  for (const int shift : {6, 3, 0})
    out += static_cast<char>('0' + (mode >> shift & 7));
  return out;
}

// O_NONBLOCK: a FIFO would otherwise wait for a writer before it can be refused.
expected<descriptor> open_unfollowed(const fs::path& path) {
  descriptor file{open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() >= 0)
    return file;
  if (errno == ELOOP)
    return bad(path, "is a symbolic link; name the file itself");
  return system_error(path, "cannot be opened");
}

result check_private(const fs::path& path, const struct stat& about, std::size_t max_bytes) {
  if (!S_ISREG(about.st_mode))
    return bad(path, "not a regular file; name the file itself");
  if (about.st_uid != geteuid() && about.st_uid != 0)
    return bad(path, "belongs to user " + std::to_string(about.st_uid) +
                         "; whoever owns a secret can change it: chown it to user " +
                         std::to_string(geteuid()));
  if ((about.st_mode & 077) != 0)
    return bad(path, "is open to group or others (mode " + octal(about.st_mode) +
                         "); run: chmod 600 " + path.string());
  if (about.st_size > static_cast<off_t>(max_bytes))
    return bad(path, std::to_string(about.st_size) + " bytes, more than the limit of " +
                         std::to_string(max_bytes));
  return {};
}

} // namespace

result create_file(const fs::path& path, std::string_view bytes, file_readers who) {
  temporary_file file;
  DCI_TRY(file.write(path, bytes, who));
  // Unlike rename, link takes no name that is there already.
  if (link(file.name(), path.c_str()) != 0) {
    if (errno == EEXIST)
      return fail(errc::already_exists,
                  path.string() + ": is there already; remove it or choose another name");
    return system_error(path, "cannot be created");
  }
  return sync_folder(path);
}

result replace_file(const fs::path& path, std::string_view bytes, file_readers who) {
  temporary_file file;
  DCI_TRY(file.write(path, bytes, who));
  if (rename(file.name(), path.c_str()) != 0)
    return system_error(path, "cannot be replaced");
  return sync_folder(path);
}

expected<std::string> read_private_file(const fs::path& path, std::size_t max_bytes) {
  DCI_ASSIGN(const auto file, open_unfollowed(path));
  struct stat about {};
  if (fstat(file.get(), &about) != 0)
    return system_error(path, "cannot be looked at");
  DCI_TRY(check_private(path, about, max_bytes));
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto n = read(file.get(), bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return bad(path, "ended before its size was read");
    at += static_cast<std::size_t>(n);
  }
  return bytes;
}

expected<descriptor> lock_file(const fs::path& path) {
  DCI_ASSIGN(auto file, open_unfollowed(path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) == 0)
    return file;
  if (errno == EWOULDBLOCK)
    return fail(errc::busy, path.string() + ": in use by another process; end that one first");
  return system_error(path, "cannot be locked");
}

} // namespace dci
