#include "runtime/base/thread_place.hpp"

#include <filesystem>
#include <fstream>
#include <string>

namespace dci {

thread_place::thread_place(std::string_view io_threads) {
  sched_getaffinity(0, sizeof(anywhere_), &anywhere_);
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    std::ifstream in(task.path() / "comm");
    std::string name;
    if (in >> name && name == io_threads)
      io_.push_back(static_cast<pid_t>(std::stol(task.path().filename())));
  }
  const sched_param no_priority{};
  for (const auto thread : io_)
    sched_setscheduler(thread, SCHED_BATCH, &no_priority);
}

void thread_place::work() {
  sched_setaffinity(0, sizeof(anywhere_), &anywhere_);
}

void thread_place::wait() {
  const int here = sched_getcpu();
  if (here < 0)
    return;
  cpu_set_t only{};
  CPU_SET(here, &only);
  sched_setaffinity(0, sizeof(only), &only);
  if (here == core_)
    return;
  for (const auto thread : io_)
    sched_setaffinity(thread, sizeof(only), &only);
  core_ = here;
}

void thread_place::give_way() {
  sched_yield();
}

} // namespace dci
