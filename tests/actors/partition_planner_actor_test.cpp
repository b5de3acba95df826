// The planner as an actor.
#include <doctest/doctest.h>

#include "tests/actors/world.hpp"
#include "tests/files/fixture.hpp"

using namespace dci;
using namespace dci::test;

TEST_CASE("the planner answers with the strategy's stages") {
  world w;
  const auto planner = w.start<partition_planner_actor>("partition_planner", "p", json::object());
  const auto plan =
      w.get<plan_reply>(planner, plan_request{"ring_memory_weighted", 12, {{"b", 4}, {"a", 2}}});
  CHECK(plan.stages == std::vector<plan_stage>{{"a", layer_span{0, 4}}, {"b", layer_span{4, 12}}});
  const auto in_order = w.get<plan_reply>(
      planner, plan_request{"memory_weighted_in_order", 12, {{"b", 4}, {"a", 2}}});
  CHECK(in_order.stages ==
        std::vector<plan_stage>{{"b", layer_span{0, 8}}, {"a", layer_span{8, 12}}});
}

TEST_CASE("what cannot be planned is an error") {
  world w;
  const auto planner = w.start<partition_planner_actor>("partition_planner", "p", json::object());
  check_error(w.call<plan_reply>(planner, plan_request{"by_colour", 12, {{"a", 1}}}),
              errc::bad_request, {"\"by_colour\"", "ring_memory_weighted"});
  check_error(w.call<plan_reply>(planner, plan_request{"ring_memory_weighted", 0, {{"a", 1}}}),
              errc::bad_request, {"at least one layer"});
  check_error(w.spawn("partition_planner", "q", {{"depth", 1}}), errc::bad_config,
              {"unknown key \"depth\""});
}
