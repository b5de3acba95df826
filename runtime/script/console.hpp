// dci-console as a whole: a host of its own, Lua, and what its command line
// asks for.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"

namespace dci {

struct console_options {
  std::vector<std::string> code;      ///< pieces of Lua, run first
  std::string script;                 ///< a file, "-" for standard input, or empty
  std::vector<std::string> arguments; ///< of the script
  std::string attach;                 ///< HOST:PORT of a running host, or empty
  std::filesystem::path topology;     ///< a file to launch, or empty
  std::filesystem::path credentials;  ///< a file, or empty
  std::string log_level = "warn";
};

class console {
 public:
  /// Starts the host, dials, launches. Logging has started. Use it from the
  /// main thread. Errors: those of host::start, session::attach and launch.
  static expected<std::unique_ptr<console>> start(console_options options);
  ~console();
  console(const console&) = delete;
  console& operator=(const console&) = delete;

  /// Runs code and script or, with neither, reads from the terminal. Prints
  /// errors; answers the exit code.
  int run();

  /// Stops what runs here and what it launched. The destructor may have to wait
  /// for peers after that: see exit_watchdog.hpp.
  void end();

 private:
  struct parts;
  explicit console(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace dci
