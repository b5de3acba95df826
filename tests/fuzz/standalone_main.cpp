// Runs a fuzz target without libFuzzer: first every file of its corpus, then mutations of them
// until the time or the number of runs is spent. An input that crashes the target, takes over ten
// seconds, or makes it allocate far more than the input's own size is written to a file, which,
// given as an argument, is run alone.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/files.hpp"
#include "tests/fuzz/allocation_guard.hpp"
#include "tests/fuzz/mutate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

constexpr std::size_t max_file_bytes = 16 * 1024 * 1024;
constexpr unsigned max_seconds_per_input = 10;

// What the crash handler needs, ready before the crash.
const std::string* current_input = nullptr;
char crash_file[256] = "";

void say(const char* text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

/// Async-signal-safe.
void save_input() {
  if (current_input == nullptr || crash_file[0] == '\0')
    return;
  const auto fd = open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, current_input->data(), current_input->size()) < 0)
    say("fuzz: the failing input could not be written to ");
  else
    say("fuzz: the failing input is in ");
  say(crash_file);
  say("\n");
  close(fd);
  current_input = nullptr;
}

void on_signal(int number) {
  say(number == SIGALRM ? "fuzz: an input took longer than 10 s\n" : "fuzz: the target crashed\n");
  save_input();
  std::signal(number, SIG_DFL);
  raise(number);
}

void catch_crashes() {
  if (__sanitizer_set_death_callback != nullptr)
    __sanitizer_set_death_callback(save_input);
  // A stack overflow leaves no room on the stack to handle it.
  static char spare[64 * 1024];
  stack_t stack{};
  stack.ss_sp = spare;
  stack.ss_size = sizeof spare;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (const auto number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    // The sanitizers have handlers of their own, which end in the death callback.
    if (before.sa_handler == SIG_DFL)
      sigaction(number, &action, nullptr);
  }
}

struct options {
  std::string corpus;
  std::uint64_t seed = 0;
  double seconds = 3;
  std::uint64_t runs = 0; ///< 0: as many as the time allows
  std::size_t max_bytes = 262144;
  std::vector<std::string> files;
};

[[noreturn]] void usage(const char* program) {
  std::fprintf(
      stderr,
      "usage: %s [--corpus DIR] [--seed N] [--seconds S] [--runs N] [--max-bytes N] [FILE...]\n"
      "Runs the files alone, or the corpus and mutations of it. Seed 0 draws one and prints it.\n",
      program);
  std::exit(2);
}

options parse(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (!arg.starts_with("--")) {
      o.files.push_back(arg);
      continue;
    }
    if (++i == argc)
      usage(argv[0]);
    if (arg == "--corpus")
      o.corpus = argv[i];
    else if (arg == "--seed")
      o.seed = std::strtoull(argv[i], nullptr, 10);
    else if (arg == "--seconds")
      o.seconds = std::strtod(argv[i], nullptr);
    else if (arg == "--runs")
      o.runs = std::strtoull(argv[i], nullptr, 10);
    else if (arg == "--max-bytes")
      o.max_bytes = std::strtoull(argv[i], nullptr, 10);
    else
      usage(argv[0]);
  }
  return o;
}

std::string load(const std::filesystem::path& path) {
  auto bytes = dci::read_file(path, max_file_bytes);
  if (!bytes) {
    std::fprintf(stderr, "fuzz: %s\n", bytes.error().message.c_str());
    std::exit(2);
  }
  return std::move(*bytes);
}

/// The corpus in the order of its names, so that a seed means the same everywhere.
std::vector<std::filesystem::path> corpus_files(const std::string& folder) {
  std::vector<std::filesystem::path> out;
  std::error_code ec;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ec))
    if (entry.is_regular_file())
      out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

void run(const std::string& input) {
  // A copy without slack: reading one byte too far is then seen by the address sanitizer.
  const std::vector<std::uint8_t> exact(input.begin(), input.end());
  current_input = &input;
  alarm(max_seconds_per_input);
  dci::fuzz::guard_allocations(true);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  dci::fuzz::guard_allocations(false);
  alarm(0);
  current_input = nullptr;
}

} // namespace

int main(int argc, char** argv) {
  auto o = parse(argc, argv);
  catch_crashes();
  const auto name = std::filesystem::path(argv[0]).filename().string();
  std::snprintf(crash_file, sizeof crash_file, "crash-%s", name.c_str());
  for (const auto& file : o.files)
    run(load(file));
  if (!o.files.empty())
    return 0;

  if (o.seed == 0)
    o.seed = std::random_device{}();
  std::vector<std::string> corpus;
  for (const auto& path : corpus_files(o.corpus)) {
    corpus.push_back(load(path));
    run(corpus.back());
    if (corpus.back().size() > o.max_bytes)
      corpus.pop_back();
  }
  std::printf("%s: seed %llu, %zu corpus files to mutate\n", name.c_str(),
              static_cast<unsigned long long>(o.seed), corpus.size());
  std::fflush(stdout);
  if (corpus.empty())
    corpus.emplace_back();

  dci::fuzz::mutator mutate(o.seed, o.max_bytes);
  const auto start = std::chrono::steady_clock::now();
  const std::chrono::duration<double> limit{o.seconds};
  std::uint64_t runs = 0;
  while ((o.runs == 0 || runs < o.runs) && std::chrono::steady_clock::now() - start < limit) {
    run(mutate.next(corpus));
    ++runs;
  }
  std::printf("%s: %llu inputs run, none crashed\n", name.c_str(),
              static_cast<unsigned long long>(runs));
}
