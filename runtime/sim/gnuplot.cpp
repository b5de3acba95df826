// Running gnuplot: files without a name carry the script to it and the picture back.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/files.hpp"
#include "runtime/sim/chart.hpp"

namespace dci {

namespace {

constexpr std::chrono::seconds longest{30};

struct closer {
  void operator()(std::FILE* file) const {
    std::fclose(file);
  }
};
using open_file = std::unique_ptr<std::FILE, closer>;

std::string all_of(std::FILE* file) {
  std::string out;
  char some[4096];
  std::rewind(file);
  while (const auto n = std::fread(some, 1, sizeof some, file))
    out.append(some, n);
  return out;
}

// Its wait status; nothing where it had to be killed.
std::optional<int> wait_for(pid_t child) {
  const auto until = std::chrono::steady_clock::now() + longest;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= until) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      return {};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return status;
}

} // namespace

result draw(const picture& of, const std::filesystem::path& file, const std::string& program) {
  const open_file script(std::tmpfile()), svg(std::tmpfile()), words(std::tmpfile());
  if (!script || !svg || !words)
    return fail(errc::bad_file,
                "no temporary file can be made: " + std::string(std::strerror(errno)));
  const auto text = gnuplot_script(of);
  if (std::fwrite(text.data(), 1, text.size(), script.get()) != text.size() ||
      std::fflush(script.get()) != 0)
    return fail(errc::bad_file, "a temporary file cannot be written");
  std::rewind(script.get());

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(script.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(svg.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(words.get()), STDERR_FILENO);
  // -d: whatever its user has set up for himself.
  std::string name = program, defaults = "-d", from_input = "-";
  char* const arguments[] = {name.data(), defaults.data(), from_input.data(), nullptr};
  pid_t child = -1;
  const int problem =
      ::posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments, ::environ);
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0)
    return fail(errc::not_found, program + " cannot be run (" + std::strerror(problem) +
                                     "): a picture needs the package gnuplot-nox; tools/setup "
                                     "installs it");
  const auto status = wait_for(child);
  if (!status)
    return fail(errc::timed_out, program + " drew for more than 30 s and was stopped");
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
    auto said = all_of(words.get());
    return fail(errc::internal, program + " failed: " + said.substr(0, 400));
  }
  return write_file(file, all_of(svg.get()));
}

} // namespace dci
