#include "runtime/script/history.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/files.hpp"

namespace dci {
namespace {

constexpr std::size_t max_bytes = 1024 * 1024;

/// One write, so that lines of several consoles do not mix.
void write_lines(const std::filesystem::path& file, const std::string& bytes, int flags) {
  const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, S_IRUSR | S_IWUSR);
  if (out < 0)
    return;
  [[maybe_unused]] const auto written = write(out, bytes.data(), bytes.size());
  close(out);
}

} // namespace

history_log::history_log(std::filesystem::path file) : file_(std::move(file)) {
  if (file_.empty())
    return;
  std::error_code failed;
  std::filesystem::create_directories(file_.parent_path(), failed);
  const auto text = read_file(file_, max_bytes);
  if (!text) {
    // Longer than any history of ours, or not a file.
    if (std::filesystem::is_regular_file(file_, failed))
      write_lines(file_, "", O_TRUNC);
    return;
  }
  for (std::size_t begin = 0; begin < text->size();) {
    const auto end = std::min(text->find('\n', begin), text->size());
    if (end > begin)
      lines_.push_back(text->substr(begin, end - begin));
    begin = end + 1;
  }
  if (lines_.size() <= 2 * capacity) {
    lines_.erase(lines_.begin(),
                 lines_.end() - static_cast<std::ptrdiff_t>(std::min(lines_.size(), capacity)));
    return;
  }
  lines_.erase(lines_.begin(), lines_.end() - static_cast<std::ptrdiff_t>(capacity));
  std::string kept;
  for (const auto& line : lines_)
    kept += line + "\n";
  write_lines(file_, kept, O_TRUNC);
}

void history_log::add(const std::string& line) {
  if (!file_.empty())
    write_lines(file_, line + "\n", O_APPEND);
}

} // namespace dci
