// A process that this one started and must not leave behind.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "runtime/base/error.hpp"

namespace dci {

/// Ended by the destructor. The kernel kills it when the thread that started it
/// ends, so start children from the main thread.
class child_process {
 public:
  /// What it writes goes to our standard error: standard output carries only
  /// what this process was asked for. Errors: internal.
  static expected<child_process> start(const std::filesystem::path& program,
                                       const std::vector<std::string>& arguments);
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&& other) noexcept;
  ~child_process();

  pid_t id() const {
    return id_;
  }
  /// Its exit code once it has ended (128 + signal for a signal); nullopt while
  /// it runs.
  std::optional<int> exit_code();
  /// Asks it to end, and kills it when it has not after the grace time; a
  /// stopped (SIGSTOP) process too.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds{500});

 private:
  explicit child_process(pid_t id) : id_(id) {
  }
  pid_t id_ = -1;
  std::optional<int> code_;
};

/// The path of the running program's file.
std::filesystem::path own_program();

} // namespace dci
