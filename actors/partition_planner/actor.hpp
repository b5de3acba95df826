// The planner as an actor: converts, calls the strategy, answers.
#pragma once

#include "actors/protocols.hpp"
#include "actors/registry.hpp"

namespace dci {

/// It needs no settings.
struct planner_settings {
  static constexpr std::string_view type_name = "planner_settings";
  static constexpr auto fields() {
    return std::tuple{};
  }
};

partition_planner_actor::behavior_type partition_planner(partition_planner_actor::pointer self,
                                                         spawn_context context,
                                                         planner_settings settings);

} // namespace dci
