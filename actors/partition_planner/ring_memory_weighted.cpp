#include "actors/partition_planner/ring_memory_weighted.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace dci {

expected<std::vector<plan_stage>> ring_memory_weighted(std::uint32_t layers,
                                                       std::vector<plan_node> nodes) {
  std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) {
    return std::tie(a.memory_bytes, a.id) < std::tie(b.memory_bytes, b.id);
  });
  return memory_weighted_in_order(layers, nodes);
}

expected<std::vector<plan_stage>> memory_weighted_in_order(std::uint32_t layers,
                                                           const std::vector<plan_node>& nodes) {
  if (layers == 0)
    return fail(errc::bad_request, "a plan needs at least one layer to place");
  if (nodes.empty())
    return fail(errc::bad_request, "a plan needs at least one node");
  // 128 bits hold 2 L M for any 32-bit L and 64-bit sum of bytes.
  __extension__ using wide = unsigned __int128;
  wide total = 0;
  std::set<std::string> ids;
  for (const auto& node : nodes) {
    total += node.memory_bytes;
    if (!ids.insert(node.id).second)
      return fail(errc::bad_request, "node \"" + node.id + "\" is named twice");
  }
  if (total == 0)
    return fail(errc::bad_request, "none of the nodes has memory for a model");
  std::vector<plan_stage> stages;
  wide prefix = 0;
  std::uint32_t begin = 0;
  for (const auto& node : nodes) {
    prefix += node.memory_bytes;
    const auto end = static_cast<std::uint32_t>((2 * wide{layers} * prefix + total) / (2 * total));
    if (end > begin)
      stages.push_back({node.id, {begin, end}});
    begin = end;
  }
  return stages;
}

} // namespace dci
