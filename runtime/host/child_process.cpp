#include "runtime/host/child_process.hpp"

#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dci {

expected<child_process> child_process::start(const std::filesystem::path& program,
                                             const std::vector<std::string>& arguments) {
  // Everything that allocates is done before the fork: only async-signal-safe
  // calls are allowed after it in a program with threads.
  const auto path = program.string();
  std::vector<char*> argv;
  argv.push_back(const_cast<char*>(path.c_str()));
  for (const auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  const auto parent = getpid();
  const auto id = fork();
  if (id < 0)
    return fail(errc::internal, "cannot start " + path + ": " + std::strerror(errno));
  if (id == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Ctrl-C in the terminal is meant for the parent, which ends its children
    // when it ends.
    setpgid(0, 0);
    // The parent may be gone already.
    if (getppid() != parent)
      _exit(127);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv(path.c_str(), argv.data());
    _exit(127);
  }
  return child_process{id};
}

child_process::child_process(child_process&& other) noexcept
    : id_(std::exchange(other.id_, -1)), code_(other.code_) {
}

child_process& child_process::operator=(child_process&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(code_, other.code_);
  return *this;
}

child_process::~child_process() {
  if (id_ > 0)
    stop();
}

std::optional<int> child_process::exit_code() {
  if (code_ || id_ <= 0)
    return code_;
  int status = 0;
  if (waitpid(id_, &status, WNOHANG) == id_)
    code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return code_;
}

void child_process::stop(std::chrono::milliseconds grace) {
  if (id_ <= 0 || exit_code())
    return;
  kill(id_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + grace;
  while (!exit_code() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  if (exit_code())
    return;
  kill(id_, SIGKILL);
  int status = 0;
  waitpid(id_, &status, 0);
  code_ = 128 + SIGKILL;
}

std::filesystem::path own_program() {
  std::error_code ec;
  return std::filesystem::read_symlink("/proc/self/exe", ec);
}

} // namespace dci
