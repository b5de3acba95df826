// What the tests of scripts share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/script/interpreter.hpp"

namespace dci::test {

/// A folder of its own, removed with it.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& text) const;
  const std::filesystem::path& path() const {
    return path_;
  }

 private:
  std::filesystem::path path_;
};

struct program_outcome {
  int code = -1;
  std::string out;
  std::string err;
  double seconds = 0;
};

/// Runs dci-console in the project's root with these shell words, at most a
/// minute long; before: shell words in front of the program, such as "echo 1 |".
program_outcome run_console(const std::string& words, const std::string& before = "");

/// A topology file with so many hosts, on free ports.
std::string hosts_toml(std::size_t hosts);

/// An interpreter with a session of its own, in this process.
class scripted {
 public:
  scripted();

  /// Runs it; fails the test with the script's error.
  void run(const std::string& code);
  /// Runs `return <expression>` and gives the value.
  json value(const std::string& expression);
  /// Runs what must fail: "code: message" of the error object, or the text.
  std::string failure(const std::string& code);

  interpreter& lua() {
    return *lua_;
  }

 private:
  std::unique_ptr<session> session_;
  std::unique_ptr<interpreter> lua_;
};

} // namespace dci::test
