#include "actors/partition_planner/device_memory.hpp"

#include <algorithm>

namespace dci {

std::vector<plan_node> device_memories(const std::vector<host_memory>& hosts) {
  std::vector<plan_node> out;
  for (const auto& host : hosts) {
    const auto sharing = std::count_if(hosts.begin(), hosts.end(), [&](const auto& other) {
      return other.machine == host.machine;
    });
    out.push_back(
        {host.id, host.is_set ? host.bytes : host.bytes / static_cast<std::uint64_t>(sharing)});
  }
  return out;
}

} // namespace dci
