// What is asked of the planner and what a plan is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/layers.hpp"
#include "runtime/base/reflect.hpp"

namespace dci {

/// A device that could take layers.
struct plan_node {
  std::string id;
  std::uint64_t memory_bytes = 0;

  static constexpr std::string_view type_name = "plan_node";
  static constexpr auto fields() {
    return std::tuple{required("id", &plan_node::id, "its name; breaks ties"),
                      required("memory_bytes", &plan_node::memory_bytes, "memory for the model")};
  }
};

/// One stage of a plan.
struct plan_stage {
  std::string id;
  layer_span layers;

  static constexpr std::string_view type_name = "plan_stage";
  static constexpr auto fields() {
    return std::tuple{field("id", &plan_stage::id, "the node"),
                      field("layers", &plan_stage::layers, "its blocks [first, last)")};
  }
  friend bool operator==(const plan_stage&, const plan_stage&) = default;
};

/// By memory ascending, or in the order that a ring_former has chosen.
inline constexpr std::array<std::string_view, 2> planner_strategies{"ring_memory_weighted",
                                                                    "memory_weighted_in_order"};

/// Cut so many layers over these nodes.
struct plan_request {
  std::string strategy = "ring_memory_weighted";
  std::uint32_t layers = 0;
  std::vector<plan_node> nodes;

  static constexpr std::string_view type_name = "plan_request";
  static constexpr auto fields() {
    return std::tuple{field("strategy", &plan_request::strategy,
                            "ring_memory_weighted or memory_weighted_in_order"),
                      required("layers", &plan_request::layers, "blocks of the model"),
                      required("nodes", &plan_request::nodes, "the devices")};
  }
};

/// The stages in ring order; together they hold every block once.
struct plan_reply {
  std::vector<plan_stage> stages;

  static constexpr std::string_view type_name = "plan_reply";
  static constexpr auto fields() {
    return std::tuple{field("stages", &plan_reply::stages, "in ring order")};
  }
};

} // namespace dci
