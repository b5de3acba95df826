#include "actors/partition_planner/actor.hpp"

#include "actors/partition_planner/ring_memory_weighted.hpp"

namespace dci {

partition_planner_actor::behavior_type partition_planner(partition_planner_actor::pointer,
                                                         spawn_context, planner_settings) {
  return {
      [](plan_request& request) -> caf::result<plan_reply> {
        if (request.strategy != "ring_memory_weighted")
          return to_caf({errc::bad_request, "strategy \"" + request.strategy +
                                                "\" is unknown; there is: ring_memory_weighted"});
        auto stages = ring_memory_weighted(request.layers, std::move(request.nodes));
        if (!stages)
          return to_caf(stages.error());
        return plan_reply{std::move(*stages)};
      },
  };
}

} // namespace dci
