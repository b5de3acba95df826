// How much memory a host brings to a plan.
#pragma once

#include <string>
#include <vector>

#include "actors/partition_planner/messages.hpp"

namespace dci {

/// A host as it describes itself when it joins.
struct host_memory {
  std::string id;
  std::string machine; ///< equal for hosts of one running machine
  std::uint64_t bytes = 0;
  bool is_set = false; ///< by its owner; otherwise bytes is what was available
};

/// The owner's figure where there is one, else the memory available divided
/// among the hosts of that machine.
std::vector<plan_node> device_memories(const std::vector<host_memory>& hosts);

} // namespace dci
