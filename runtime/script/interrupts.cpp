#include "runtime/script/interrupts.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace dci {
namespace {

// Lock-free atomics and write() are all that a handler touches.
std::atomic<bool> interrupted{false};
std::atomic<bool> ending{false};
std::atomic<bool> resized{false};
std::atomic<bool> continued{false};
static_assert(std::atomic<bool>::is_always_lock_free);

const int handle = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

void on_signal(int signal) {
  const int before = errno;
  switch (signal) {
    case SIGINT:
      interrupted = true;
      break;
    case SIGWINCH:
      resized = true;
      break;
    case SIGCONT:
      continued = true;
      break;
    default:
      ending = true;
  }
  wake();
  errno = before;
}

} // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: a read from the terminal must end.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT})
    sigaction(signal, &action, nullptr);
}

bool stop_wanted() {
  return interrupted || ending;
}

bool end_wanted() {
  return ending;
}

void want_interrupt() {
  interrupted = true;
  wake();
}

void want_end() {
  ending = true;
  wake();
}

void clear_interrupt() {
  interrupted = false;
}

void clear_end() {
  ending = false;
}

bool take_resize() {
  return resized.exchange(false);
}

bool take_continue() {
  return continued.exchange(false);
}

int wake_handle() {
  return handle;
}

void wake() {
  const std::uint64_t one = 1;
  // The counter being full means that a wake is pending already.
  [[maybe_unused]] const auto written = write(handle, &one, sizeof one);
}

void drain_wakes() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(handle, &count, sizeof count);
}

} // namespace dci
