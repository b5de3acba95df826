#include "tests/rings/program.hpp"

#include <optional>

#include <doctest/doctest.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dci::test {
namespace {

using clock = std::chrono::steady_clock;

int left_ms(clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

/// Everything that can be read now; false at the end of the pipe.
bool drain(owned_fd& pipe, std::string& out) {
  char buffer[65536];
  for (;;) {
    const auto n = read(pipe.get(), buffer, sizeof(buffer));
    if (n > 0)
      out.append(buffer, static_cast<std::size_t>(n));
    else if (n < 0 && errno == EINTR)
      continue;
    else
      return n < 0 && errno == EAGAIN;
  }
}

struct pipe_pair {
  owned_fd read_end;
  owned_fd write_end;
};

pipe_pair make_pipe() {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  return {owned_fd{ends[0]}, owned_fd{ends[1]}};
}

/// A file with this text, open at its start: no pipe that could be full.
owned_fd input_file(std::string_view text) {
  owned_fd out{static_cast<int>(syscall(SYS_memfd_create, "input", 0u))};
  REQUIRE(out.get() >= 0);
  REQUIRE(write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  REQUIRE(lseek(out.get(), 0, SEEK_SET) == 0);
  return out;
}

} // namespace

owned_fd::owned_fd(owned_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {
}

owned_fd& owned_fd::operator=(owned_fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

owned_fd::~owned_fd() {
  close();
}

void owned_fd::close() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

watched_process::watched_process(pid_t id)
    : id_(id), handle_(static_cast<int>(syscall(SYS_pidfd_open, id, 0u))) {
}

bool watched_process::ends_within(milliseconds time) const {
  if (handle_.get() < 0)
    return true; // gone before it could be looked at
  const auto deadline = clock::now() + time;
  pollfd wait{handle_.get(), POLLIN, 0};
  int ready = 0;
  do
    ready = poll(&wait, 1, left_ms(deadline));
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

void watched_process::signal(int number) const {
  if (handle_.get() >= 0)
    syscall(SYS_pidfd_send_signal, handle_.get(), number, nullptr, 0u);
}

std::vector<watched_process> children_of(pid_t parent) {
  std::vector<watched_process> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    // "PID (NAME) STATE PARENT ...": a name may hold anything but ends with the last bracket.
    std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    char state = 0;
    pid_t its_parent = 0;
    if (fields >> state >> its_parent && its_parent == parent && state != 'Z')
      out.emplace_back(std::stoi(name));
  }
  return out;
}

std::vector<std::string> outcome::complaints() const {
  std::vector<std::string> found;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("dci-runtime: "))
      found.push_back(line);
  return found;
}

struct program::started {
  pid_t id;
  owned_fd out;
  owned_fd err;
};

program::started program::start(const std::vector<std::string>& arguments, std::string_view input,
                                const std::string& name) {
  const auto path = std::string(DCI_BIN_DIR) + "/" + name;
  std::vector<char*> argv{const_cast<char*>(path.c_str())};
  for (const auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const auto in = input_file(input);
  auto out = make_pipe();
  auto err = make_pipe();
  const auto id = fork();
  REQUIRE(id >= 0);
  if (id == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(in.get(), 0);
    dup2(out.write_end.get(), 1);
    dup2(err.write_end.get(), 2);
    execv(path.c_str(), argv.data());
    _exit(126);
  }
  for (const auto* end : {&out.read_end, &err.read_end})
    fcntl(end->get(), F_SETFL, O_NONBLOCK);
  return {id, std::move(out.read_end), std::move(err.read_end)};
}

program::program(started parts)
    : out_pipe_(std::move(parts.out)), err_pipe_(std::move(parts.err)), process_(parts.id) {
}

program::program(const std::vector<std::string>& arguments, std::string_view input,
                 const std::string& name)
    : program(start(arguments, input, name)) {
}

program::~program() {
  if (collected_)
    return;
  auto family = children_of(id());
  process_.signal(SIGKILL);
  for (const auto& child : family)
    child.signal(SIGKILL);
  waitpid(id(), nullptr, 0);
}

template <class Done>
bool program::read_until(Done&& done, milliseconds time) {
  const auto deadline = clock::now() + time;
  bool out_open = out_pipe_.get() >= 0;
  bool err_open = err_pipe_.get() >= 0;
  for (;;) {
    out_open = out_open && drain(out_pipe_, out_);
    err_open = err_open && drain(err_pipe_, err_);
    if (done())
      return true;
    // Descriptors below 0 are passed over by poll.
    pollfd wait[] = {{out_open ? out_pipe_.get() : -1, POLLIN, 0},
                     {err_open ? err_pipe_.get() : -1, POLLIN, 0},
                     {process_.handle(), POLLIN, 0}};
    const auto ready = poll(wait, 3, left_ms(deadline));
    if (ready == 0)
      return false;
    if (ready > 0 && wait[2].revents != 0) {
      // Ended: what is in the pipes is all there will be.
      drain(out_pipe_, out_);
      drain(err_pipe_, err_);
      return done();
    }
  }
}

bool program::says(std::string_view text, milliseconds time) {
  return read_until([&] { return out_.find(text) != std::string::npos; }, time);
}

bool program::complains(std::string_view text, milliseconds time) {
  return read_until([&] { return err_.find(text) != std::string::npos; }, time);
}

bool program::complains_again(std::string_view text, milliseconds time) {
  const auto from = err_.size();
  return read_until([&] { return err_.find(text, from) != std::string::npos; }, time);
}

bool program::writes(std::size_t bytes, milliseconds time) {
  return read_until([&] { return out_.size() >= bytes; }, time);
}

bool program::writes_more(std::size_t bytes, milliseconds time) {
  std::optional<std::size_t> from; // what is in the pipe by now is read first
  return read_until(
      [&] {
        from = from.value_or(out_.size());
        return out_.size() >= *from + bytes;
      },
      time);
}

void program::mark() {
  start_ = clock::now();
}

outcome program::finish(milliseconds time) {
  outcome out;
  const auto in_time = read_until([&] { return process_.ends_within(milliseconds{0}); }, time);
  CHECK_MESSAGE(in_time, "still running after " << time.count() << " ms");
  out.seconds = std::chrono::duration<double>(clock::now() - start_).count();
  if (!in_time)
    process_.signal(SIGKILL);
  int status = 0;
  REQUIRE(waitpid(id(), &status, 0) == id());
  collected_ = true;
  drain(out_pipe_, out_);
  drain(err_pipe_, err_);
  out.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  out.out = out_;
  out.err = err_;
  return out;
}

outcome run_program(const std::vector<std::string>& arguments, std::string_view input,
                    milliseconds time, const std::string& name) {
  return program(arguments, input, name).finish(time);
}

} // namespace dci::test
