#include "runtime/base/machine.hpp"

#include <algorithm>
#include <fstream>
#include <limits>

#include <unistd.h>

namespace dci {
namespace {

std::uint64_t number_in(const char* path) {
  std::ifstream in(path);
  std::uint64_t out = 0;
  // The file says "max" where there is no limit.
  return in >> out ? out : std::numeric_limits<std::uint64_t>::max();
}

} // namespace

std::string machine_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string out;
  if (in >> out)
    return out;
  return std::to_string(gethostid());
}

std::uint64_t available_memory() {
  std::ifstream in("/proc/meminfo");
  std::string key;
  std::uint64_t kib = 0;
  std::uint64_t available = 0;
  while (in >> key >> kib) {
    if (key == "MemAvailable:")
      available = kib * 1024;
    in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  const auto limit = number_in("/sys/fs/cgroup/memory.max");
  const auto used = number_in("/sys/fs/cgroup/memory.current");
  if (limit != std::numeric_limits<std::uint64_t>::max() && used < limit)
    available = std::min(available, limit - used);
  return available;
}

} // namespace dci
