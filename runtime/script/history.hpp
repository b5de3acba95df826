// The lines a person typed in earlier runs: a file with one line each.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace dci {

/// Several consoles may use one file at once. Where it cannot be read or
/// written, there is just no history.
class history_log {
 public:
  static constexpr std::size_t capacity = 1000;

  /// Reads the last lines; shortens a file that has grown long. An empty path:
  /// none is kept.
  explicit history_log(std::filesystem::path file);

  const std::vector<std::string>& lines() const {
    return lines_;
  }
  /// Appends a line to the file, which only its owner can read.
  void add(const std::string& line);

 private:
  std::filesystem::path file_;
  std::vector<std::string> lines_;
};

} // namespace dci
