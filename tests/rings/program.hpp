// dci-runtime as a process under test: its output, its end, its children.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace dci::test {

using milliseconds = std::chrono::milliseconds;

/// A descriptor that closes itself.
class owned_fd {
 public:
  owned_fd() = default;
  explicit owned_fd(int fd) : fd_(fd) {
  }
  owned_fd(owned_fd&& other) noexcept;
  owned_fd& operator=(owned_fd&& other) noexcept;
  ~owned_fd();
  int get() const {
    return fd_;
  }
  void close();

 private:
  int fd_ = -1;
};

/// Some process, by a handle that cannot be taken for a later one of its number.
class watched_process {
 public:
  explicit watched_process(pid_t id);
  pid_t id() const {
    return id_;
  }
  /// Waits until it has ended; false when the time is up. One that nobody has
  /// collected yet counts as ended.
  bool ends_within(milliseconds time) const;
  void signal(int number) const;
  /// Readable when it has ended.
  int handle() const {
    return handle_.get();
  }

 private:
  pid_t id_;
  owned_fd handle_;
};

/// The running processes that this one started.
std::vector<watched_process> children_of(pid_t parent);

/// How a program ended and what it wrote.
struct outcome {
  int code = -1; ///< 128 + signal for a signal
  std::string out;
  std::string err;
  double seconds = 0; ///< since the start, or since the last mark()

  /// The lines of err that are dci-runtime's last word; logs and progress left out.
  std::vector<std::string> complaints() const;
};

class program {
 public:
  /// Starts dci-runtime, or the one of that name; input is its standard input.
  explicit program(const std::vector<std::string>& arguments, std::string_view input = {},
                   const std::string& name = "dci-runtime");
  /// Kills it, if it has not ended, and what it started.
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  pid_t id() const {
    return process_.id();
  }
  /// Reads on until standard output (or standard error) has this text; false
  /// when it ended without or the time is up.
  bool says(std::string_view text, milliseconds time);
  bool complains(std::string_view text, milliseconds time);
  /// The same in what it writes from now on.
  bool complains_again(std::string_view text, milliseconds time);
  /// Reads on until standard output has so many bytes.
  bool writes(std::size_t bytes, milliseconds time);
  /// The same of what it writes from now on.
  bool writes_more(std::size_t bytes, milliseconds time);
  void signal(int number) const {
    process_.signal(number);
  }
  /// As if the terminal, or the next program of a pipeline, were gone.
  void stop_reading() {
    out_pipe_.close();
  }
  /// outcome::seconds counts from here.
  void mark();
  /// Waits for its end; kills it when the time is up, and then the test fails.
  outcome finish(milliseconds time = std::chrono::seconds{60});
  const std::string& out() const {
    return out_;
  }
  const std::string& err() const {
    return err_;
  }

 private:
  struct started;
  explicit program(started parts);
  static started start(const std::vector<std::string>& arguments, std::string_view input,
                       const std::string& name);
  template <class Done>
  bool read_until(Done&& done, milliseconds time);

  owned_fd out_pipe_;
  owned_fd err_pipe_;
  watched_process process_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::string out_;
  std::string err_;
  bool collected_ = false;
};

/// From start to end. Standard input is this text.
outcome run_program(const std::vector<std::string>& arguments, std::string_view input = {},
                    milliseconds time = std::chrono::seconds{120},
                    const std::string& name = "dci-runtime");

} // namespace dci::test
