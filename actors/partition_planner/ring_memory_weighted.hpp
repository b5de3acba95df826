// Ring memory-weighted partitioning: layers in proportion to memory.
//
// Nodes sorted by memory ascending, ties by id. With M_k the prefix sum of
// bytes, T the total and L the layers, in integers:
//   cut_k = floor((2 L M_k + T) / (2 T))
// A node whose range [cut_(k-1), cut_k) is empty is left out.
#pragma once

#include <vector>

#include "actors/partition_planner/messages.hpp"
#include "runtime/base/error.hpp"

namespace dci {

/// The stages in ring order. Errors: bad_request for no layers, no nodes, a
/// repeated id, or nodes without memory.
expected<std::vector<plan_stage>> ring_memory_weighted(std::uint32_t layers,
                                                       std::vector<plan_node> nodes);

/// The same cuts with the nodes in the order given.
expected<std::vector<plan_stage>> memory_weighted_in_order(std::uint32_t layers,
                                                           const std::vector<plan_node>& nodes);

} // namespace dci
