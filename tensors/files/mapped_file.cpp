#include "tensors/files/mapped_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dci {

namespace {

class descriptor {
 public:
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  explicit descriptor(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  int get() const {
    return fd_;
  }

 private:
  int fd_;
};

tl::unexpected<error> refuse(const std::filesystem::path& path, const char* reason) {
  return fail(errc::bad_file, path.string() + ": " + reason);
}

} // namespace

expected<std::shared_ptr<const mapped_file>> mapped_file::open(const std::filesystem::path& path) {
  const descriptor file(path);
  if (file.get() < 0)
    return refuse(path, errno == ENOENT ? "no such file" : std::strerror(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0)
    return refuse(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return refuse(path, "not a regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  std::span<const std::byte> bytes;
  if (size > 0) { // mmap refuses an empty range
    void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (start == MAP_FAILED)
      return refuse(path, std::strerror(errno));
    bytes = {static_cast<const std::byte*>(start), size};
  }
  return std::shared_ptr<const mapped_file>(new mapped_file(path, bytes));
}

mapped_file::mapped_file(std::filesystem::path path, std::span<const std::byte> bytes)
    : path_(std::move(path)), bytes_(bytes) {
}

mapped_file::~mapped_file() {
  if (!bytes_.empty())
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

} // namespace dci
