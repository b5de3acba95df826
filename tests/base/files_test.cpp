#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/files.hpp"

namespace dci {
namespace {

/// A folder of its own for one test, removed after it.
struct scratch {
  std::filesystem::path path;

  scratch() {
    auto name = (std::filesystem::temp_directory_path() / "dci-files-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~scratch() {
    std::filesystem::remove_all(path);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
};

void check_fails(const expected<std::string>& read, const std::filesystem::path& path,
                 const std::string& reason) {
  REQUIRE(!read);
  CAPTURE(read.error().message);
  CHECK(read.error().code == errc::bad_file);
  CHECK(read.error().message.starts_with(path.string() + ": "));
  CHECK(read.error().message.find(reason) != std::string::npos);
  CHECK(read.error().message.find('\n') == std::string::npos);
}

TEST_CASE("bytes come back as they were written") {
  const scratch dir;
  const std::string bytes("\0\n\r\xff tail", 9);
  REQUIRE(write_file(dir.path / "a", bytes));
  CHECK(read_file(dir.path / "a", 9).value() == bytes);
  REQUIRE(write_file(dir.path / "a", "short"));
  CHECK(read_file(dir.path / "a", 100).value() == "short");
  REQUIRE(write_file(dir.path / "a", ""));
  CHECK(read_file(dir.path / "a", 0).value().empty());
}

TEST_CASE("a file over the limit is refused before anything is allocated") {
  const scratch dir;
  REQUIRE(write_file(dir.path / "ten", "0123456789"));
  CHECK(read_file(dir.path / "ten", 10).has_value());
  check_fails(read_file(dir.path / "ten", 9), dir.path / "ten",
              "10 bytes, more than the limit of 9");
  // A file that says it has an exabyte takes no room on disk.
  REQUIRE(write_file(dir.path / "huge", ""));
  std::error_code ec;
  std::filesystem::resize_file(dir.path / "huge", std::uintmax_t{1} << 40, ec);
  if (!ec)
    check_fails(read_file(dir.path / "huge", 1 << 20), dir.path / "huge", "more than the limit");
}

TEST_CASE("what is no readable file") {
  const scratch dir;
  check_fails(read_file(dir.path / "absent", 10), dir.path / "absent", "no such file");
  check_fails(read_file(dir.path / "absent" / "x", 10), dir.path / "absent" / "x", "no such file");
  check_fails(read_file(dir.path, 10), dir.path, "not a regular file");
  check_fails(read_file("/dev/zero", 10), "/dev/zero", "not a regular file");
  REQUIRE(write_file(dir.path / "file", "x"));
  check_fails(read_file(dir.path / "file" / "x", 10), dir.path / "file" / "x", "no such file");

  std::filesystem::create_symlink("nowhere", dir.path / "dangling");
  check_fails(read_file(dir.path / "dangling", 10), dir.path / "dangling", "no such file");
  std::filesystem::create_symlink("loop", dir.path / "loop");
  check_fails(read_file(dir.path / "loop", 10), dir.path / "loop", "symbolic links");
  const auto long_name = dir.path / std::string(300, 'n');
  check_fails(read_file(long_name, 10), long_name, "too long");

  // Nobody would ever write to the pipe: reading it must not wait for that.
  REQUIRE(mkfifo((dir.path / "pipe").c_str(), 0600) == 0);
  check_fails(read_file(dir.path / "pipe", 10), dir.path / "pipe", "not a regular file");

  if (geteuid() != 0) {
    REQUIRE(chmod((dir.path / "file").c_str(), 0) == 0);
    check_fails(read_file(dir.path / "file", 10), dir.path / "file", "Permission denied");
  }
}

TEST_CASE("a link to a file is as good as the file") {
  const scratch dir;
  REQUIRE(write_file(dir.path / "file", "text"));
  std::filesystem::create_symlink("file", dir.path / "link");
  CHECK(read_file(dir.path / "link", 10).value() == "text");
}

TEST_CASE("what cannot be written") {
  const scratch dir;
  for (const auto& path : {dir.path / "absent" / "file", dir.path}) {
    const auto written = write_file(path, "x");
    REQUIRE(!written);
    CHECK(written.error().code == errc::bad_file);
    CHECK(written.error().message.starts_with(path.string() + ": cannot be written: "));
  }
  const auto full = write_file("/dev/full", "x");
  REQUIRE(!full);
  CHECK(full.error().message.find("No space left") != std::string::npos);
}

} // namespace
} // namespace dci
