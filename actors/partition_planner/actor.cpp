#include "actors/partition_planner/actor.hpp"

#include <algorithm>

#include "actors/partition_planner/ring_memory_weighted.hpp"

namespace dci {

partition_planner_actor::behavior_type partition_planner(partition_planner_actor::pointer,
                                                         spawn_context, planner_settings) {
  return {
      [](plan_request& request) -> caf::result<plan_reply> {
        if (std::ranges::find(planner_strategies, request.strategy) == planner_strategies.end())
          return to_caf(
              {errc::bad_request, "strategy \"" + request.strategy +
                                      "\" is unknown; there are: ring_memory_weighted and "
                                      "memory_weighted_in_order"});
        auto stages = request.strategy == planner_strategies.front()
                          ? ring_memory_weighted(request.layers, std::move(request.nodes))
                          : memory_weighted_in_order(request.layers, request.nodes);
        if (!stages)
          return to_caf(stages.error());
        return plan_reply{std::move(*stages)};
      },
  };
}

} // namespace dci
